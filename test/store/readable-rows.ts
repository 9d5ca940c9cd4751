import assert from "node:assert/strict";
import type { DeviceRow, UnreadableDevice } from "../../src/store/devices.ts";

/** Devices of a list that all can be read. */
export function readableRows(rows: readonly (DeviceRow | UnreadableDevice)[]): DeviceRow[] {
  return rows.map((row) => {
    assert.ok("device" in row, `the record of ${"device" in row || row.identification} cannot be read`);
    return row;
  });
}
