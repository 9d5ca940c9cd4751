import { CLUSTERS } from "../../smart-energy/commands.ts";
import { childNamed, childText, leaf, node, type RpcElement } from "../../smart-energy/element.ts";
import { SmartEnergyFormatError } from "../../smart-energy/errors.ts";
import { TIME_ATTRIBUTES, TIME_CLUSTER, TIME_ENDPOINT } from "../../smart-energy/time-cluster.ts";
import { asType, parseInteger, parseMac, toUtc2000 } from "../../smart-energy/values.ts";
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
    case "write_attributes":
      return writeAttributes(gateway, element);
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

const [READ_ONLY, UNSUPPORTED_ATTRIBUTE, INVALID_DATA_TYPE] = [0x88, 0x86, 0x8d];
const MOST_ATTRIBUTES = 10;

const numberIn = (element: RpcElement, name: string) => parseInteger(childText(element, name) ?? "");

function recordsIn(element: RpcElement): readonly RpcElement[] {
  const records = childNamed(element, "record_list")?.children ?? [];
  if (records.length > MOST_ATTRIBUTES) throw new SmartEnergyFormatError("more than 10 attributes");
  return records;
}

/** Whether it is the gateway's own time that is meant: no other address, its endpoint and its cluster. */
function isOwnTime(element: RpcElement): boolean {
  return (
    childText(element, "destination_address") === undefined &&
    numberIn(element, "destination_endpoint_id") === TIME_ENDPOINT &&
    numberIn(element, "cluster_id") === TIME_CLUSTER
  );
}

/** How the attributes of a cluster are looked up: the gateway's time, or what a meter on its network measures. */
function attributesOf(gateway: SimulatedGateway, element: RpcElement): (id: number) => number | undefined {
  if (isOwnTime(element))
    return (id) => (id === 0 ? toUtc2000(gateway.schedule.nowMs()) : gateway.timeAttributes.get(id));
  const mac = parseMac(childText(element, "destination_address") ?? "");
  const meter = gateway.meters.find(({ description }) => description.mac === mac);
  if (!meter?.isOnline || numberIn(element, "cluster_id") !== CLUSTERS.metering) {
    throw new SmartEnergyFormatError("TX status 0x24: Address not found");
  }
  return (id) => meter.attribute(id);
}

/** Of the gateway's time; nothing of what is behind it can be written here. */
function writeAttributes(gateway: SimulatedGateway, element: RpcElement): RpcElement {
  if (!isOwnTime(element)) throw new SmartEnergyFormatError("TX status 0x24: Address not found");
  const items = recordsIn(element).map((item) => {
    const id = numberIn(item, "attribute_id") ?? -1;
    const status = write(gateway, { id, typeCode: numberIn(item, "attribute_type"), value: numberIn(item, "value") });
    const shown = [gateway.integer("status", status), gateway.integer("attribute_id", id)];
    return node("item", { type: "WriteAttributeStatusRecord" }, ...shown);
  });
  return node("write_attributes_response", {}, node("record_list", { type: "list" }, ...items));
}

function write(
  gateway: SimulatedGateway,
  given: { id: number; typeCode: number | undefined; value: number | undefined },
): number {
  if (given.id === 0) return READ_ONLY;
  const attribute = Object.values(TIME_ATTRIBUTES).find(({ id }) => id === given.id);
  if (!attribute) return UNSUPPORTED_ATTRIBUTE;
  const value = given.value === undefined ? undefined : asType(given.value, attribute.type);
  if (attribute.typeCode !== given.typeCode || value === undefined) return INVALID_DATA_TYPE;
  gateway.timeAttributes.set(attribute.id, value);
  return 0;
}

function readAttributes(gateway: SimulatedGateway, element: RpcElement): RpcElement {
  const attribute = attributesOf(gateway, element);
  const asked = recordsIn(element);
  const items = asked.map((item) => {
    const id = parseInteger(childText(item, "attribute_id") ?? "") ?? -1;
    const value = attribute(id);
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
