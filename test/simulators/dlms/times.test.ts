import assert from "node:assert/strict";
import type { CosemData } from "../../../src/dlms/data.ts";
import { decodeDate, decodeDateTime, decodeTime } from "../../../src/dlms/date-time.ts";
import { PROFILES } from "../../../src/simulators/dlms/profiles/index.ts";
import { DATE, DATE_TIME, type Shape, TIME } from "../../../src/simulators/dlms/shape.ts";
import { meterUnderTest } from "./test-meter.ts";

/** Dates and times in a value, by the shape that it must have. */
function timesIn(value: CosemData, shape: Shape): { octets: Uint8Array; shape: Shape }[] {
  if (value.type === "octet-string") {
    return [DATE_TIME, DATE, TIME].includes(shape) ? [{ octets: value.value, shape }] : [];
  }
  if (value.type !== "array" && value.type !== "structure") return [];
  if (typeof shape === "string") return [];
  const shapeOf = (i: number) =>
    "array" in shape ? shape.array : "structure" in shape ? shape.structure[i] : undefined;
  return value.value.flatMap((element, i) => timesIn(element, shapeOf(i) ?? "null-data"));
}

describe("dates and times that simulated meters are delivered with", () => {
  for (const [name, profile] of PROFILES) {
    it(`are ones that the library reads, with a distance to UTC that some zone has, in ${name}`, () => {
      const { meter } = meterUnderTest({ profile: name });
      let count = 0;
      for (const object of profile.objects.values()) {
        for (const [id, attribute] of object.attributes) {
          for (const { octets, shape } of timesIn(
            meter.read(object.classId, object.logicalName, id),
            attribute.shape,
          )) {
            count++;
            if (shape === DATE) decodeDate(octets);
            else if (shape === TIME) decodeTime(octets);
            else assert.equal(Math.abs((decodeDateTime(octets).deviationMinutes ?? 0) % 15), 0);
          }
        }
      }
      assert.ok(count > 5, `${count}`);
    });
  }
});
