import assert from "node:assert/strict";
import { supportMatrix } from "../../src/adapters/dlms/support.ts";
import { leaf } from "../../src/cli/erp-client.ts";
import { broughtWith } from "../operations/cases.ts";
import { isOffered } from "../operations/services.ts";
import { result, type World } from "./harness.ts";
import { Cell, type MatrixCase } from "./matrix-case.ts";
import { EXPECTED, REASONS, VERSIONS } from "./matrix-expectations.ts";
import { KEYS } from "./matrix-keys.ts";
import { READS } from "./matrix-reads.ts";
import { SETTINGS } from "./matrix-settings.ts";
import { startMatrixWorld } from "./matrix-world.ts";

const CASES: Readonly<Record<string, MatrixCase>> = {
  ...SETTINGS,
  ...READS,
  ...KEYS,
  ...broughtWith(({ dlms }) => dlms?.matrix),
};
const NAMES = Object.keys(EXPECTED).filter(isOffered);

describe("the support matrix", () => {
  const { versions, rows } = supportMatrix();

  it("has the versions of the companion standards as columns, oldest first", () =>
    assert.deepEqual(
      versions,
      VERSIONS.map(({ version }) => version),
    ));

  it("offers each operation for the versions that have it and no others", () => {
    const shown = rows.map(({ operation, supported }) => [operation, supported.map((yes) => (yes ? "yes" : 416))]);
    assert.deepEqual(Object.fromEntries(shown), EXPECTED);
  });

  it("has a case below for every operation that these meters offer", () => {
    const without = rows.filter(({ operation }) => isOffered(operation) && !(operation in CASES));
    assert.deepEqual(without, []);
  });
});

describe("every operation on a meter of every version", () => {
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
      const outcomes = new Map<string, PromiseSettledResult<void>>();
      // All meters at once: most of the time goes by with waiting.
      before(async () => {
        const operation = CASES[name]!;
        const cells = VERSIONS.map((place) => new Cell(world, place));
        const runs = cells.map((cell, i) =>
          EXPECTED[name]![i] === "yes" ? carryOut(operation, cell) : requireRefusal(name, cell),
        );
        for (const [i, outcome] of (await Promise.allSettled(runs)).entries()) outcomes.set(cells[i]!.version, outcome);
      });
      for (const [i, { version }] of VERSIONS.entries()) {
        const title = EXPECTED[name]![i] === "yes" ? "works with" : "is refused with 416, and not queued, for";
        it(`${title} ${version}`, () => {
          const outcome = outcomes.get(version)!;
          if (outcome.status === "rejected") throw outcome.reason;
        });
      }
    });
  }

  describe("altogether", () => {
    it("leaves operators nothing to complain of", () => assert.deepEqual(world.complaints, []));
  });
});
