import assert from "node:assert/strict";
import { leaf } from "../../src/cli/erp-client.ts";
import { broughtWith } from "../operations/cases.ts";
import { isOffered } from "../operations/services.ts";
import { result, type World } from "./harness.ts";
import { Cell, type MatrixCase } from "./matrix-case.ts";
import { EXPECTED, REASONS, type Row, VERSIONS } from "./matrix-expectations.ts";
import { KEYS } from "./matrix-keys.ts";
import { READS } from "./matrix-reads.ts";
import { SETTINGS } from "./matrix-settings.ts";
import { startMatrixWorld } from "./matrix-world.ts";

/** What is asked and expected of each operation, on a meter of whichever version. */
export const CASES: Readonly<Record<string, MatrixCase>> = {
  ...SETTINGS,
  ...READS,
  ...KEYS,
  ...broughtWith(({ dlms }) => dlms?.matrix),
};
const NAMES = Object.keys(EXPECTED).filter(isOffered);

/**
 * Carries out every operation on simulated meters through the whole service, or has it refused.
 * @param chosen of which of the versions, by their places in the row
 */
export function describeEveryOperation(title: string, chosen: (row: Row) => readonly number[]): void {
  describe(title, () => {
    let world: World;
    before(async () => {
      world = await startMatrixWorld();
    });
    after(() => world.stop());

    async function carryOut(operation: MatrixCase, cell: Cell): Promise<void> {
      await operation.arrange?.(cell);
      const sent = await world.client.send(operation.document(cell));
      if ("fault" in sent) assert.fail(sent.fault.xml);
      const answer = await result(world.client, sent);
      assert.notEqual(answer.element, "Fault", answer.xml);
      await operation.check(answer, cell);
    }

    async function requireRefusal(name: string, cell: Cell): Promise<void> {
      const isAboutIt = ({ device }: { readonly device: string }) => [cell.device, cell.gasMeter].includes(device);
      const requests = async () => (await world.service.store.requests.listUnfinished(1000)).filter(isAboutIt);
      const before = await requests();
      const sent = await world.client.send(CASES[name]!.document(cell));
      assert.ok("fault" in sent, `${cell.version} accepted it`);
      assert.match(sent.fault.xml, /<com:FunctionalFault .*<com:Code>416<\/com:Code>/);
      assert.equal(leaf(sent.fault, "Message"), "OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL");
      assert.equal(leaf(sent.fault, "InnerMessage"), REASONS[name]?.replace("VERSION", cell.version));
      assert.deepEqual(await requests(), before);
    }

    for (const name of NAMES) {
      describe(name, () => {
        const row = EXPECTED[name]!;
        const places = chosen(row);
        const outcomes = new Map<number, PromiseSettledResult<void>>();
        // All meters at once: most of the time goes by with waiting.
        before(async () => {
          const operation = CASES[name]!;
          const runs = places.map(async (place) => {
            const cell = new Cell(world, VERSIONS[place]!);
            await (row[place] === "yes" ? carryOut(operation, cell) : requireRefusal(name, cell));
          });
          for (const [i, outcome] of (await Promise.allSettled(runs)).entries()) outcomes.set(places[i]!, outcome);
        });
        for (const place of places) {
          const does = row[place] === "yes" ? "works with" : "is refused with 416, and not queued, for";
          it(`${does} ${VERSIONS[place]!.version}`, () => {
            const outcome = outcomes.get(place)!;
            if (outcome.status === "rejected") throw outcome.reason;
          });
        }
      });
    }

    describe("altogether", () => {
      it("leaves operators nothing to complain of", () => assert.deepEqual(world.complaints, []));
    });
  });
}
