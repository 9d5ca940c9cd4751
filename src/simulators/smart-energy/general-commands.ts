import { childText, leaf, node, type RpcElement } from "../../smart-energy/element.ts";
import { SmartEnergyFormatError } from "../../smart-energy/errors.ts";
import { parseInteger } from "../../smart-energy/values.ts";
import type { SimulatedGateway } from "./gateway.ts";

/** Carries out a command of the general interface; undefined for one that there is none of. */
export function generalCommand(gateway: SimulatedGateway, element: RpcElement): RpcElement | undefined {
  switch (element.name) {
    case "get_time":
      return node(
        "get_time_response",
        {},
        leaf("UTC_1970", (gateway.schedule.nowMs() / 1000).toFixed(0), { type: "int" }),
      );
    case "set_time":
      return setTime(gateway, element);
    default:
      return undefined;
  }
}

function setTime(gateway: SimulatedGateway, element: RpcElement): RpcElement {
  const since1970 = parseInteger(childText(element, "UTC_1970") ?? "");
  const since2000 = parseInteger(childText(element, "UTC_2000") ?? "");
  const seconds = since1970 ?? (since2000 === undefined ? undefined : since2000 + 946_684_800);
  if (seconds === undefined) throw new SmartEnergyFormatError("UTC_1970 is missing");
  gateway.schedule.setMs(seconds * 1000);
  return node("set_time_response", {}, gateway.integer("status", 0));
}
