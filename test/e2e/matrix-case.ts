import assert from "node:assert/strict";
import { type Answered, leaf } from "../../src/cli/erp-client.ts";
import { Inventory } from "../../src/devices/inventory.ts";
import type { CosemData } from "../../src/dlms/data.ts";
import type { Device } from "../../src/domain/device.ts";
import { toHex } from "../../src/lib/bytes.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { type ObisCode, parseObis } from "../../src/lib/obis.ts";
import type { SimulatedMeter } from "../../src/simulators/dlms/simulated-meter.ts";
import { DECLARATIONS } from "../operations/services.ts";
import type { World } from "./harness.ts";
import type { VERSIONS, Version } from "./matrix-expectations.ts";

/** What `plain` makes of a value. */
export type Plain = null | boolean | number | bigint | string | readonly Plain[];

/** A value without its types, which the simulated meter is strict about itself: octets and bits as hexadecimal digits. */
export function plain(data: CosemData): Plain {
  switch (data.type) {
    case "null-data":
    case "dont-care":
      return null;
    case "array":
    case "structure":
    case "compact-array":
      return data.value.map(plain);
    case "bit-string":
      return toHex(data.value.bytes);
    case "octet-string":
    case "date-time":
    case "date":
    case "time":
      return toHex(data.value);
    default:
      return data.value;
  }
}

function parseAttribute(text: string): [classId: number, logicalName: ObisCode, attribute: number] {
  const [classId, logicalName, attribute] = text.split("/");
  return [Number(classId), parseObis(logicalName!), Number(attribute)];
}

/** An operation on the meter of a version. */
export class Cell {
  readonly world: World;
  readonly version: Version;
  readonly device: string;
  readonly gasMeter: string;

  constructor(world: World, { version, meter, gasMeter }: (typeof VERSIONS)[number]) {
    this.world = world;
    this.version = version;
    this.device = meter;
    this.gasMeter = gasMeter;
  }

  get meter(): SimulatedMeter {
    return this.world.meter(this.device);
  }

  get isSmr5(): boolean {
    return this.version.startsWith("SMR 5.");
  }

  /** @param attribute class, logical name and attribute: `8/0.0.1.0.0.255/3` */
  read(attribute: string): Plain {
    return plain(this.data(attribute));
  }

  /** As `read`, with types. */
  data(attribute: string): CosemData {
    return this.meter.read(...parseAttribute(attribute));
  }

  /** Gives an attribute another value than a request will, so that what is found afterwards came from the request. */
  write(attribute: string, value: CosemData): void {
    this.meter.write(...parseAttribute(attribute), value);
  }

  has(logicalName: string): boolean {
    return this.meter.meter.profile.objects.has(parseObis(logicalName));
  }
}

/** What the inventory holds of the meter of a cell, or of another device. */
export async function recordOf({ world, device }: Cell, identification = device): Promise<Device> {
  return (await world.service.store.devices.find(identification))!.device;
}

/** Gives the meter of a cell another record. */
export async function setRecord({ world, device }: Cell, change: Partial<Device>): Promise<void> {
  await new Inventory(world.service.store.devices, systemClock).change(device, (known) => ({ ...known, ...change }));
}

/** How an operation is shown to work. */
export interface MatrixCase {
  /** The request for the meter of the cell, or for the gas meter behind it. */
  readonly document: (cell: Cell) => Uint8Array<ArrayBuffer>;
  /** Prepares the meter. */
  readonly arrange?: (cell: Cell) => void | Promise<void>;
  /** Compares the answer with the meter, and the meter with what was asked. */
  readonly check: (answer: Answered, cell: Cell) => void | Promise<void>;
}

/** A request document: `content` may use the prefixes of services, and c (common). */
export function envelope(body: string): Uint8Array<ArrayBuffer> {
  const schemas = "http://www.opensmartgridplatform.org/schemas";
  const text =
    `<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/" xmlns:c="${schemas}/common/2014/10" ` +
    `${DECLARATIONS}><E:Header><c:OrganisationIdentification>test-org</c:OrganisationIdentification>` +
    "<c:UserName>tester</c:UserName><c:ApplicationName>ERP</c:ApplicationName></E:Header>" +
    `<E:Body>${body}</E:Body></E:Envelope>`;
  return new Uint8Array(Buffer.from(text));
}

/** A request of the configuration service, whose first child names the device. */
export const configuration = (operation: string, device: string, content = "") =>
  envelope(
    `<s:${operation}Request><s:DeviceIdentification>${device}</s:DeviceIdentification>${content}</s:${operation}Request>`,
  );

/** A request of the ad-hoc service, whose first child names the device. */
export const adhoc = (operation: string, device: string, content = "") =>
  envelope(
    `<a:${operation}Request><a:DeviceIdentification>${device}</a:DeviceIdentification>${content}</a:${operation}Request>`,
  );

/** A request of the management service, whose first child names the device. */
export const management = (operation: string, device: string, content = "") =>
  envelope(
    `<m:${operation}Request><m:DeviceIdentification>${device}</m:DeviceIdentification>${content}</m:${operation}Request>`,
  );

/** A request of the monitoring service, whose first child names the device. */
export const monitoring = (element: string, device: string, content = "") =>
  envelope(
    `<o:${element}Request><o:DeviceIdentification>${device}</o:DeviceIdentification>${content}</o:${element}Request>`,
  );

/** The six groups of a logical name as the contract writes them. */
export const groupsOf = (logicalName: string) =>
  logicalName
    .split(".")
    .map((group, i) => `<c:${"abcdef"[i]}>${group}</c:${"abcdef"[i]}>`)
    .join("");

/** Text of every leaf of that name. */
export const all = (answer: Answered, name: string): string[] =>
  answer.leaves.filter((one) => one.name === name).map(({ text }) => text);

/** Fails with the whole answer when it does not say OK. */
export function requireOk(answer: Answered): void {
  assert.equal(leaf(answer, "Result"), "OK", answer.xml);
}
