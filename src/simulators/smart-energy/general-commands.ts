import { CLUSTERS } from "../../smart-energy/commands.ts";
import { childNamed, childText, leaf, node, type RpcElement } from "../../smart-energy/element.ts";
import { SmartEnergyFormatError } from "../../smart-energy/errors.ts";
import { parseInteger, parseMac } from "../../smart-energy/values.ts";
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
    case "read_attributes":
      return readAttributes(gateway, element);
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

const UNSUPPORTED_ATTRIBUTE = 0x86;
const MOST_ATTRIBUTES = 10;

/** Of the Metering cluster of a meter on the network. */
function readAttributes(gateway: SimulatedGateway, element: RpcElement): RpcElement {
  const mac = parseMac(childText(element, "destination_address") ?? "");
  const meter = gateway.meters.find(({ description }) => description.mac === mac);
  if (!meter?.isOnline || parseInteger(childText(element, "cluster_id") ?? "") !== CLUSTERS.metering) {
    throw new SmartEnergyFormatError("TX status 0x24: Address not found");
  }
  const asked = childNamed(element, "record_list")?.children ?? [];
  if (asked.length > MOST_ATTRIBUTES) throw new SmartEnergyFormatError("more than 10 attributes");
  const items = asked.map((item) => {
    const id = parseInteger(childText(item, "attribute_id") ?? "") ?? -1;
    const value = meter.attribute(id);
    return node(
      "item",
      { type: "ReadAttributeStatusRecord" },
      gateway.integer("status", value === undefined ? UNSUPPORTED_ATTRIBUTE : 0),
      gateway.integer("attribute_id", id),
      value === undefined ? undefined : gateway.integer("value", value),
    );
  });
  return node("read_attributes_response", {}, node("record_list", { type: "list" }, ...items));
}
