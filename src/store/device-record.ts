import type { Device } from "../domain/device.ts";
import { StoreError } from "./errors.ts";

/** A row of the inventory: the device's name stands beside its record, so that one which cannot be read can be named. */
export interface DeviceRecord {
  readonly identification: string;
  /** JSON of a device. */
  readonly record: string;
}

function isDevice(value: unknown): value is Device {
  const { family, protocol } = (value ?? {}) as Partial<Device>;
  return typeof family === "string" && typeof protocol?.name === "string" && typeof protocol.version === "string";
}

/** The device of a row; undefined when this code cannot have written its record. */
export function readDevice({ identification, record }: DeviceRecord): Device | undefined {
  try {
    const value: unknown = JSON.parse(record);
    return isDevice(value) && value.identification === identification ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Those of several rows that can be read. */
export function readDevices(rows: readonly DeviceRecord[]): Device[] {
  return rows.map(readDevice).filter((device) => device !== undefined);
}

/** @throws StoreError ROW_UNREADABLE that names the device */
export function requireDevice(row: DeviceRecord): Device {
  const device = readDevice(row);
  if (device) return device;
  const text = `the stored record of device ${row.identification} cannot be read; import the device once more`;
  throw new StoreError("ROW_UNREADABLE", text);
}

/** What is recorded of a device by requests and is in no file; nothing of one whose record cannot be read. */
export function learntOf(row: DeviceRecord): Partial<Device> {
  const { lifecycleStatus, debugging } = readDevice(row) ?? {};
  return { ...(lifecycleStatus && { lifecycleStatus }), ...(debugging !== undefined && { debugging }) };
}
