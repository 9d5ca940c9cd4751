import assert from "node:assert/strict";
import { findProfile, PROFILES, type Profile } from "../../../../src/adapters/dlms/profiles/index.ts";
import {
  actualPowerQuality,
  capturedValues,
  type Phases,
  periodicPowerQuality,
} from "../../../../src/adapters/dlms/readings/power-quality.ts";
import { CLOCK_TIME } from "../../../../src/adapters/dlms/readings/profile-access.ts";
import { decodeFingerprint, thdObjects } from "../../../../src/adapters/dlms/readings/thd.ts";
import { cosem } from "../../../../src/dlms/data.ts";
import { parseObis } from "../../../../src/lib/obis.ts";
import type { PowerQualityType } from "../../../../src/operations/readings.ts";

const profileOf = (version: string): Profile => findProfile({ name: version < "4.3" ? "DSMR" : "SMR", version });
const SMR5 = ["5.0.0", "5.1", "5.2", "5.5"];
const byTag = (values: readonly { tag: string; logicalName: string }[]) =>
  Object.fromEntries(values.map(({ tag, logicalName }) => [tag, logicalName]));

describe("the values of power quality", () => {
  it("that a meter measures at any time are as many as the companion standards have, by version and phases", () => {
    const counts = (profile: Profile, kind: PowerQualityType) =>
      (["single", "poly"] as const).map((phases: Phases) => actualPowerQuality(profile, kind, phases).length);
    for (const profile of PROFILES) {
      // The reference counts the clock as well.
      assert.deepEqual(counts(profile, "PUBLIC"), [6, 14], profile.protocol.version);
      const isFirst = profile.protocol.version === "2.2";
      assert.deepEqual(counts(profile, "PRIVATE"), isFirst ? [2, 4] : [11, 27], profile.protocol.version);
    }
  });

  it("are averaged in other objects from SMR 5 on", () => {
    for (const { protocol } of PROFILES.filter(({ protocol: { version } }) => version !== "2.2")) {
      const profile = findProfile(protocol);
      const found = byTag(actualPowerQuality(profile, "PRIVATE", "poly"));
      const d = SMR5.includes(protocol.version) ? 4 : 24;
      assert.equal(found.AVERAGE_ACTIVE_POWER_IMPORT_L1, `1.0.21.${d}.0.255`);
      assert.equal(found.AVERAGE_REACTIVE_POWER_EXPORT_L3, `1.0.64.${d}.0.255`);
      assert.equal(found.INSTANTANEOUS_ACTIVE_POWER_EXPORT_L2, "1.0.42.7.0.255");
    }
  });

  it("have the scaler of the companion standard, or that which the meter tells", () => {
    const scale = (version: string, tag: string) =>
      (["PUBLIC", "PRIVATE"] as const)
        .flatMap((kind) => actualPowerQuality(profileOf(version), kind, "poly"))
        .find((value) => value.tag === tag)?.scale;
    for (const version of SMR5) {
      assert.deepEqual(scale(version, "AVERAGE_VOLTAGE_L2"), { scaler: -1, unit: "V" });
      assert.deepEqual(scale(version, "INSTANTANEOUS_CURRENT_L3"), { scaler: -2, unit: "A" });
      assert.deepEqual(scale(version, "AVERAGE_REACTIVE_POWER_IMPORT_L1"), { scaler: 0, unit: "var" });
    }
    assert.deepEqual(scale("2.2", "INSTANTANEOUS_VOLTAGE_L1"), { scaler: 0, unit: "V" });
    assert.equal(scale("4.2.2", "INSTANTANEOUS_VOLTAGE_L1"), undefined);
    assert.equal(scale("5.5", "NUMBER_OF_VOLTAGE_SAGS_L1"), undefined);
  });

  it("that a meter captures are averages, and instantaneous ones where it has a single phase", () => {
    const tags = (kind: PowerQualityType, phases: Phases) =>
      new Set<string>(periodicPowerQuality(profileOf("5.2"), kind, phases).map(({ tag }) => tag));
    assert.ok(tags("PUBLIC", "single").has("INSTANTANEOUS_VOLTAGE_L1"));
    assert.ok(!tags("PUBLIC", "poly").has("INSTANTANEOUS_VOLTAGE_L1"));
    assert.ok(tags("PRIVATE", "single").has("INSTANTANEOUS_CURRENT_L1"));
    assert.ok(!tags("PRIVATE", "poly").has("INSTANTANEOUS_CURRENT_L1"));
    assert.ok(!tags("PUBLIC", "poly").has("NUMBER_OF_LONG_POWER_FAILURES"));
    for (const l of ["L2", "L3"]) {
      assert.ok(tags("PUBLIC", "poly").has(`AVERAGE_VOLTAGE_${l}`));
      assert.ok(!tags("PUBLIC", "single").has(`AVERAGE_VOLTAGE_${l}`));
    }
  });

  it("that a meter captures are signal quality and the states of M-Bus devices too, where it has them", () => {
    const columns = (version: string) =>
      periodicPowerQuality(profileOf(version), "PUBLIC", "single")
        .filter(({ classId }) => classId === 47 || classId === 4)
        .map(({ logicalName, attribute, dataIndex }) => `${logicalName}/${attribute}/${dataIndex}`);
    assert.deepEqual(columns("4.2.2"), []);
    assert.deepEqual(columns("4.3"), ["0.1.25.6.0.255/6/3", "0.1.25.6.0.255/6/4"]);
    assert.deepEqual(columns("5.2"), [
      ...["0.1.25.6.0.255/6/3", "0.1.25.6.0.255/6/4"],
      ...["0.0.25.6.0.255/6/3", "0.0.25.6.0.255/6/4"],
      ...["0.2.25.6.0.255/6/3", "0.2.25.6.0.255/6/4"],
      ...[1, 2, 3, 4].map((channel) => `0.${channel}.24.2.6.255/2/0`),
    ]);
  });

  it("are found among the columns of a profile, whatever else stands there", () => {
    const values = periodicPowerQuality(profileOf("5.2"), "PUBLIC", "poly");
    const column = (classId: number, code: string, attribute = 2, dataIndex = 0) => ({
      classId,
      logicalName: parseObis(code),
      attribute,
      dataIndex,
    });
    const columns = [
      CLOCK_TIME,
      column(3, "1.0.72.24.0.255"),
      column(3, "1.0.31.24.0.255"),
      column(47, "0.2.25.6.0.255", 6, 4),
      column(3, "1.0.32.24.0.255"),
      column(3, "1.0.32.24.0.255", 3),
    ];
    assert.deepEqual(
      capturedValues(columns, values).map(({ column: at, value }) => [at, value.tag, value.dataIndex]),
      [
        [1, "AVERAGE_VOLTAGE_L3", 0],
        [3, "LTE_DIAGNOSTIC", 4],
        [4, "AVERAGE_VOLTAGE_L1", 0],
      ],
    );
  });
});

describe("the harmonic distortion of currents", () => {
  it("is told for one phase or three, from SMR 5.2 on", () => {
    for (const version of ["5.2", "5.5"]) {
      const [l1, l2, l3, ...more] = thdObjects(profileOf(version), "poly");
      assert.deepEqual(more, []);
      assert.deepEqual([l1?.current.logicalName, l2?.current.logicalName], ["1.0.31.7.124.255", "1.0.51.7.124.255"]);
      assert.deepEqual([l3?.fingerprint.logicalName, l3?.fingerprint.classId], ["0.1.94.31.26.255", 1]);
      assert.equal(l3?.overLimitCounter.logicalName, "1.0.71.36.124.255");
      assert.deepEqual(thdObjects(profileOf(version), "single"), [l1]);
    }
    for (const { protocol } of PROFILES.filter(({ protocol: { version } }) => !["5.2", "5.5"].includes(version))) {
      assert.throws(() => thdObjects(findProfile(protocol), "single"), {
        code: "OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL",
      });
    }
  });

  it("has a fingerprint of fifteen numbers", () => {
    const numbers = Array.from({ length: 15 }, (_, i) => i * 4681);
    assert.deepEqual(decodeFingerprint(cosem.array(numbers.map((value) => cosem.longUnsigned(value)))), numbers);
    for (const data of [cosem.array([]), cosem.nullData(), cosem.array(numbers.map(() => cosem.nullData()))]) {
      assert.throws(() => decodeFingerprint(data), { code: "remote/unexpected-type" });
    }
  });
});
