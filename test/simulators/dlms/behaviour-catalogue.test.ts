import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { BEHAVIOUR_NAMES, behaviourFromJson } from "../../../src/simulators/dlms/behaviour-catalogue.ts";
import { SimulatorError } from "../../../src/simulators/dlms/errors.ts";

describe("the behaviours of simulated meters", () => {
  it("are all in the manual", () => {
    const manual = readFileSync(new URL("../../../docs/simulator.md", import.meta.url), "utf8");
    const documented = [...manual.matchAll(/^\| `([a-z][a-z-]*)` \|/gm)].map((match) => match[1]!);
    assert.deepEqual(documented.sort(), [...BEHAVIOUR_NAMES].sort());
  });

  it("are all made from JSON by name", () => {
    const parameters = {
      ms: 1,
      octets: 100,
      classId: 8,
      logicalName: "0.0.1.0.0.255",
      attribute: 2,
      method: 1,
      result: "other-reason",
      answer: "silence",
      services: ["get"],
      value: 2,
      count: 1,
      counter: 7,
      blockLoss: 1,
    };
    for (const name of BEHAVIOUR_NAMES) {
      const behaviour = behaviourFromJson({ name, ...parameters });
      assert.equal(behaviour.name, name);
    }
  });

  for (const wrong of [
    undefined,
    { name: "constructor" },
    { name: "late" },
    { name: "late", ms: "1" },
    { name: "late", ms: -1 },
    { name: "refused-attribute", classId: 1, logicalName: "1.2.3", attribute: 2, result: "other-reason" },
    { name: "refused-attribute", classId: 1, logicalName: "0.0.1.0.0.255", attribute: 2, result: "success" },
    { name: "low-counter", answer: "shout" },
    { name: "grants-only" },
    { name: "grants-only", services: ["get", "everything"] },
  ]) {
    it(`are refused when the JSON is ${JSON.stringify(wrong)}`, () => {
      assert.throws(
        () => behaviourFromJson(wrong),
        (error) => error instanceof SimulatorError && error.code === "simulator/invalid-option",
      );
    });
  }
});
