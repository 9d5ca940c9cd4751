import assert from "node:assert/strict";
import { DEMO_ORGANISATION } from "../../src/cli/demo-fleet.ts";
import { importDevices } from "../../src/devices/import.ts";
import { Inventory } from "../../src/devices/inventory.ts";
import { type CosemData, cosem } from "../../src/dlms/data.ts";
import type { Coupling, Device } from "../../src/domain/device.ts";
import { FAMILIES } from "../../src/families.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { identificationValue, manufacturerNumber } from "../../src/simulators/dlms/mbus-device.ts";
import type { World } from "./harness.ts";
import { type Cell, recordOf } from "./matrix-case.ts";

/** Makes an M-Bus device known, coupled or not. */
export async function knowMbusDevice(
  { service: { store, vault } }: World,
  identification: string,
  identificationNumber: string,
  more: {
    readonly gateway?: Coupling;
    readonly owner?: string;
    readonly lifecycleStatus?: Device["lifecycleStatus"];
  } = {},
): Promise<void> {
  const { lifecycleStatus, gateway, owner = DEMO_ORGANISATION } = more;
  const mbus = { identificationNumber, manufacturerIdentification: "LGB", version: 66, deviceType: 3 };
  const device = { identification, protocol: { name: "SMR", version: "5.1" }, mbus, gateway, owner };
  const file = { organisations: [{ identification: owner }], devices: [device] };
  await importDevices(JSON.stringify(file), {
    ...{ families: FAMILIES, store, vault, clock: systemClock, replaceKeys: true },
  });
  const inventory = new Inventory(store.devices, systemClock);
  await inventory.change(identification, (known) => ({ ...known, lifecycleStatus }));
}

const channelObject = (channel: number) => `72/0.${channel}.24.1.0.255`;

/** What the meter holds of a channel: identification number, manufacturer, version, type and address. */
export function heldOn(cell: Cell, channel: number) {
  return [6, 7, 8, 9, 5].map((attribute) => cell.read(`${channelObject(channel)}/${attribute}`));
}

const EMPTY = [0, 0, 0, 0, 0];

/** What it holds of a device known by `knowMbusDevice`. */
export function identityHeld({ isSmr5 }: Cell, identificationNumber: string, address: number) {
  return [identificationValue(identificationNumber, isSmr5 ? 1 : 0), manufacturerNumber("LGB"), 66, 3, address];
}

/** Puts such a device on a channel of the meter, or empties it. */
export function putOn(cell: Cell, channel: number, values: readonly number[] = EMPTY): void {
  const make = [cosem.doubleLongUnsigned, cosem.longUnsigned, cosem.unsigned, cosem.unsigned, cosem.unsigned];
  for (const [i, attribute] of [6, 7, 8, 9, 5].entries()) {
    const value: CosemData = make[i]!(values[i]!);
    cell.write(`${channelObject(channel)}/${attribute}`, value);
  }
}

export function requireEmpty(cell: Cell, channel: number): void {
  assert.deepEqual(heldOn(cell, channel), EMPTY);
}

/** Where a device is coupled by its record. */
export async function couplingOf(cell: Cell, identification: string): Promise<Coupling | undefined> {
  return (await recordOf(cell, identification)).gateway;
}

/** Leaves the meter as other tests want it. */
export async function forget(cell: Cell, identification: string, channel: number): Promise<void> {
  putOn(cell, channel);
  const inventory = new Inventory(cell.world.service.store.devices, systemClock);
  await inventory.couple(identification, undefined, "test");
}

/** An M-Bus device of the cell's own, besides the one that all tests share. */
export const spare = ({ gasMeter }: Cell, letters: string) => gasMeter.replace("TESTG", letters);
