import assert from "node:assert/strict";
import { asElements, asNumber, asOctets, cosem } from "../../../src/dlms/data.ts";
import { fromHex } from "../../../src/lib/bytes.ts";
import { obisFromBytes, parseObis } from "../../../src/lib/obis.ts";
import { SimulatorError } from "../../../src/simulators/dlms/errors.ts";
import { PROFILES, profileNamed } from "../../../src/simulators/dlms/profiles/index.ts";
import { get, meterUnderTest, set, value } from "./test-meter.ts";

const NAMES = ["dsmr2.2", "dsmr4.2.2", "smr4.3", "smr5.0.0", "smr5.1", "smr5.2", "smr5.5"];
const text = (profile: string, name: string) =>
  Buffer.from(asOctets(value(meterUnderTest({ profile }).meter, `1/${name}/2`))).toString();

/** Objects that not all versions have, and the versions that have them in the order of NAMES. */
const AVAILABILITY: readonly (readonly [string, string])[] = [
  ["1/0.1.94.31.3.255", "-●●●●●●"],
  ["1/0.1.94.31.0.255", "-●●●●●●"],
  ["1/0.1.94.31.12.255", "-●●●●●●"],
  ["1/1.0.0.2.8.255", "-●●●●●●"],
  ["1/1.3.0.2.0.255", "-●●●●●●"],
  ["1/1.4.0.2.0.255", "---●●●●"],
  ["40/0.1.25.9.0.255", "-●●●●●●"],
  ["40/0.2.25.9.0.255", "-●●●●●●"],
  ["40/0.3.25.9.0.255", "------●"],
  ["18/0.0.44.0.0.255", "-●●●●●●"],
  ["1/0.0.97.98.0.255", "●●●●●●●"],
  ["1/0.0.97.98.1.255", "-----●●"],
  ["1/0.0.97.98.11.255", "-----●●"],
  ["1/0.0.97.98.2.255", "------●"],
  ["1/0.0.97.98.12.255", "------●"],
  ["4/0.1.24.2.2.255", "---●●●●"],
  ["4/0.4.24.2.1.255", "●●●●●●●"],
  ["4/0.1.24.2.6.255", "---●●●●"],
  ["4/0.1.24.2.11.255", "---●●●●"],
  ["1/0.1.94.31.10.255", "----●●●"],
  ["77/0.1.24.9.0.255", "---●●●●"],
  ["47/0.1.25.6.0.255", "--●●●●●"],
  ["47/0.0.25.6.0.255", "---●●●●"],
  ["47/0.2.25.6.0.255", "-----●●"],
  ["22/0.0.15.1.4.255", "----●●●"],
  ["22/0.0.15.2.4.255", "------●"],
  ["7/0.1.94.31.6.255", "-●●●●●●"],
  ["7/1.0.99.1.1.255", "---●●●●"],
  ["7/1.0.99.1.2.255", "---●●●●"],
  ["7/0.1.24.3.0.255", "●●●●●●●"],
  ["7/0.1.24.3.1.255", "---●●●●"],
  ["7/0.0.98.1.0.255", "●●●----"],
  ["7/1.0.98.1.0.255", "---●●●●"],
  ["7/0.0.99.98.4.255", "-●●●●●●"],
  ["7/0.0.99.98.5.255", "---●●●●"],
  ["7/0.0.99.98.6.255", "----●●●"],
  ["7/0.0.99.98.7.255", "-----●●"],
  ["7/0.0.99.98.8.255", "-----●●"],
  ["3/1.0.11.35.124.255", "-----●●"],
  ["3/1.0.31.7.124.255", "-----●●"],
  ["1/0.1.94.31.24.255", "-----●●"],
  ["3/1.0.31.24.0.255", "-●●●●●●"],
  ["3/1.0.21.24.0.255", "-●●----"],
  ["3/1.0.21.4.0.255", "---●●●●"],
];

describe("the profiles of simulated meters", () => {
  it("exist for seven companion standards, by names in any case", () => {
    assert.deepEqual([...PROFILES.keys()].sort(), [...NAMES].sort());
    assert.equal(profileNamed("SMR5.0.0"), PROFILES.get("smr5.0.0"));
    assert.throws(
      () => profileNamed("smr6"),
      (error) => error instanceof SimulatorError && error.code === "simulator/unknown-profile",
    );
  });

  for (const [object, versions] of AVAILABILITY) {
    it(`have ${object} in ${NAMES.filter((_, i) => [...versions][i] === "●").join(", ")} only`, () => {
      const [classId, name] = object.split("/");
      const found = NAMES.filter(
        (profile) => PROFILES.get(profile)!.objects.get(parseObis(name!))?.classId === Number(classId),
      );
      assert.deepEqual(
        found,
        NAMES.filter((_, i) => [...versions][i] === "●"),
      );
    });
  }

  it("give every readable attribute of every object a value of its own type", () => {
    for (const profile of NAMES) {
      const { meter } = meterUnderTest({ profile });
      for (const object of meter.profile.objects.values()) {
        for (const [id, { access }] of object.attributes) {
          if (access === "write") continue;
          const reference = `${object.classId}/${object.logicalName}/${id}`;
          assert.ok("data" in get(meter, reference), `${profile} cannot read ${reference}`);
          if (access === "read-write") {
            const same = value(meter, reference);
            assert.equal(set(meter, reference, same), "success", `${profile} ${reference} refuses its own value`);
          }
        }
      }
    }
  });

  it("list all their objects with version and access rights in the association", () => {
    for (const [profile, version] of [
      ["dsmr2.2", 0],
      ["dsmr4.2.2", 1],
      ["smr4.3", 1],
      ["smr5.5", 3],
    ] as const) {
      const { meter } = meterUnderTest({ profile });
      const list = asElements(value(meter, "15/0.0.40.0.0.255/2")).map((element) => asElements(element));
      assert.equal(list.length, meter.profile.objects.size);
      const association = list.find((element) => obisFromBytes(asOctets(element[2]!)) === "0.0.40.0.0.255");
      assert.equal(asNumber(association![1]!), version);
      const clock = list.find((element) => asNumber(element[0]!) === 8)!;
      const attributes = asElements(asElements(clock[3]!)[0]!).map((right) =>
        asElements(right)
          .slice(0, 2)
          .map((part) => asNumber(part)),
      );
      assert.deepEqual(attributes.slice(0, 4), [
        [1, 1],
        [2, 3],
        [3, 3],
        [4, 1],
      ]);
    }
  });

  it("select objects of a class, or one object, from the list", () => {
    const { meter } = meterUnderTest();
    const classes = cosem.array([cosem.longUnsigned(72)]);
    assert.equal(asElements(value(meter, "15/0.0.40.0.0.255/2", { selector: 2, parameters: classes })).length, 4);
    const clock = cosem.structure([cosem.longUnsigned(8), cosem.logicalName(parseObis("0.0.1.0.0.255"))]);
    const one = asElements(value(meter, "15/0.0.40.0.0.255/2", { selector: 4, parameters: clock }));
    assert.equal(asNumber(one[0]!), 8);
  });

  it("carry the firmware identifiers of their modules", () => {
    assert.equal(text("smr5.0.0", "1.0.0.2.0.255"), "M57 4836");
    assert.equal(text("smr5.0.0", "1.1.0.2.0.255"), "BL_012 XMX_N42_GprsV09");
    assert.equal(text("dsmr4.2.2", "1.2.0.2.0.255"), "Telit 10.00.154");
    assert.equal(text("smr5.0.0", "1.4.0.2.0.255"), "M00 0000");
  });

  it("set bits 1, 3 and 6 of the configuration up to SMR 4.3, with a mode; bits 3, 6 and 10 in SMR 5, without", () => {
    const older = cosem.structure([cosem.enum(1), cosem.bitString(fromHex("5200"))]);
    assert.deepEqual(value(meterUnderTest({ profile: "dsmr4.2.2" }).meter, "1/0.1.94.31.3.255/2"), older);
    const { meter } = meterUnderTest();
    assert.deepEqual(value(meter, "1/0.1.94.31.3.255/2"), cosem.bitString(fromHex("1220")));
    assert.equal(set(meter, "1/0.1.94.31.3.255/2", older), "type-unmatched");
  });

  it("show what identifies the meter", () => {
    const { meter } = meterUnderTest({ identification: "TEST1027000000001" });
    assert.equal(Buffer.from(asOctets(value(meter, "1/0.0.96.1.0.255/2"))).toString(), "TEST1027000000001");
    assert.equal(asOctets(value(meter, "64/0.0.43.0.0.255/5")).length, 8);
  });

  it("keep what one meter was told from the others of the profile", () => {
    const first = meterUnderTest().meter;
    const second = meterUnderTest().meter;
    assert.equal(set(first, "1/0.1.94.31.0.255/2", cosem.enum(2)), "success");
    assert.deepEqual(value(first, "1/0.1.94.31.0.255/2"), cosem.enum(2));
    assert.deepEqual(value(second, "1/0.1.94.31.0.255/2"), cosem.enum(0));
  });

  it("refuse values of an enumeration that do not exist, and writing with the rights of a reader", () => {
    const { meter } = meterUnderTest();
    assert.equal(set(meter, "1/0.1.94.31.0.255/2", cosem.enum(3)), "type-unmatched");
    const reference = { classId: 1, logicalName: parseObis("0.1.94.31.0.255"), attribute: 2 };
    assert.equal(meter.set(reference, cosem.enum(2), "read"), "read-write-denied");
  });
});
