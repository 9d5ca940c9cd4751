import assert from "node:assert/strict";
import { posixZone } from "../../../src/adapters/egauge/posix-zone.ts";

describe("a clock's configuration in the words of an eGauge meter", () => {
  const zone = (offset: number, begin: string, end: string) => {
    const times = { daylightSavingsBegin: `FFFF${begin}`, daylightSavingsEnd: `FFFF${end}` };
    const told = posixZone({ timeZoneOffsetMinutes: offset, ...times, daylightSavingsEnabled: true });
    return "zone" in told ? told.zone : told.why;
  };

  it("has the signs of POSIX, weeks with the last as fifth, and hours where that is enough", () => {
    assert.equal(zone(-60, "03FE0702000000FFC400", "0AFE0703000000FF8880"), "STD-1DST,M3.5.0/2,M10.5.0/3");
    assert.equal(zone(300, "03080702000000800000", "0B010702000000800000"), "STD5DST,M3.2.0/2,M11.1.0/2");
    // Lord Howe Island moves by half an hour.
    assert.equal(zone(-630, "0A010702000000FD8A00", "04010702000000FD6C80"), "STD-10:30DST-11,M10.1.0/2,M4.1.0/2");
    assert.equal(zone(-210, "0315FF00000000800000", "0915FF173B1E00800000"), "STD-3:30DST,J80/0,J264/23:59:30");
    assert.equal(zone(0, "0CFEFF01000000800000", "0CFEFF02000000800000"), "STD0DST,J365/1,J365/2");
  });

  it("leaves daylight saving out where there is none, whatever its times are", () => {
    const times = { daylightSavingsBegin: "FFFFFFFFFFFFFFFFFF800000", daylightSavingsEnd: "FFFFFFFFFFFFFFFFFF800000" };
    assert.deepEqual(posixZone({ timeZoneOffsetMinutes: 210, ...times, daylightSavingsEnabled: false }), {
      zone: "STD3:30",
    });
  });

  it("does not say what it has no words for", () => {
    for (const begin of [
      "03020702000000800000",
      "021DFF02000000800000",
      "02FEFF02000000800000",
      "FFFEFF02000000800000",
    ]) {
      assert.match(zone(-60, begin, "0AFE0703000000FF8880"), /change clocks on|cannot be set/, begin);
    }
  });
});
