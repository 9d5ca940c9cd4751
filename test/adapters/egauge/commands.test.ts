import assert from "node:assert/strict";
import { leaf } from "../../../src/cli/erp-client.ts";
import { run } from "../../e2e/harness.ts";
import { all } from "../../e2e/matrix-case.ts";
import { broughtWith } from "../../operations/cases.ts";
import { document, type EgaugeWorld, startEgaugeWorld } from "./world.ts";

const CASES = Object.entries(broughtWith(({ egauge }) => egauge));
const meterOf = (i: number) => `EGAUGE000000${String(i + 1).padStart(4, "0")}`;

describe("the commands of eGauge meters, over the whole service", () => {
  let world: EgaugeWorld;
  before(async () => {
    world = await startEgaugeWorld(
      { METERGATE_MAX_RETRIES: "0" },
      { identifications: CASES.map((_, i) => meterOf(i)) },
    );
  });
  after(() => world.stop());

  for (const [i, [operation, { content, arrange, check }]] of CASES.entries()) {
    it(`${operation} does what it says`, async () => {
      const inside = typeof content === "string" ? content : content(world.seal);
      arrange?.(world.meters[i]!);
      const answer = await run(world.client, document(operation, inside, meterOf(i)));
      assert.notEqual(answer.element, "Fault", answer.xml);
      check(
        (name) => leaf(answer, name),
        world.meters[i]!,
        (name) => all(answer, name),
      );
    });
  }

  it("leave operators nothing to complain of", () => assert.deepEqual(world.complaints, []));
});
