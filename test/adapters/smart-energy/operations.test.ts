import assert from "node:assert/strict";
import { SMART_ENERGY } from "../../../src/adapters/smart-energy/family.ts";
import { RELEASES } from "../../../src/smart-energy/commands.ts";
import { result } from "../../e2e/harness.ts";
import { all } from "../../e2e/matrix-case.ts";
import { broughtWith } from "../../operations/cases.ts";
import { document } from "./document.ts";
import { SmartEnergyWorld } from "./world.ts";

const CASES = broughtWith(({ smartEnergy }) => smartEnergy);

describe("operations on gateways of Smart Energy", () => {
  const { versions, rows } = SMART_ENERGY.support();

  it("have a case each, and are offered as it says", () => {
    const shown = rows.map(({ operation, supported }) => [operation, supported.map((yes) => (yes ? "yes" : "416"))]);
    const offered = shown.filter(([operation]) => Object.hasOwn(CASES, operation as string));
    assert.deepEqual(
      Object.fromEntries(offered),
      Object.fromEntries(Object.entries(CASES).map(([name, { expected }]) => [name, expected])),
    );
    assert.equal(versions.length, 3);
  });

  for (const [i, release] of RELEASES.entries()) {
    describe(`release ${release}`, () => {
      let world: SmartEnergyWorld;
      before(async () => {
        world = await SmartEnergyWorld.start({}, { release });
      });
      after(() => world.stop());

      for (const [operation, { expected, content, arrange, check }] of Object.entries(CASES)) {
        it(`${operation}: ${expected[i] === "yes" ? "is carried out" : "is refused with 416"}`, async () => {
          arrange?.(world.gateway);
          const sent = await world.client.send(document(operation, content));
          if (expected[i] === "416") {
            assert.ok("fault" in sent && /Code>416</.test(sent.fault.xml));
            return;
          }
          if ("fault" in sent) assert.fail(sent.fault.xml);
          const answer = await result(world.client, sent);
          assert.notEqual(answer.element, "Fault", answer.xml);
          check((name) => all(answer, name), world.gateway);
        });
      }
    });
  }
});
