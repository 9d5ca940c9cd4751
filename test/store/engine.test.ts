import assert from "node:assert/strict";
import { nextTurn } from "../../src/lib/clock.ts";
import { Engine } from "../../src/store/server/engine.ts";
import type { Driver, Wire } from "../../src/store/server/session.ts";

/** An error with what the driver is to make of it. */
const failure = (code: "again" | "lost" | "refused") => Object.assign(new Error(code), { code });

/** A driver whose statements and commits fail as they are told to. */
function scripted({
  beginnings = [],
  statements = [],
  commits = [],
  outcome = "committed",
}: {
  beginnings?: ("again" | "lost" | "refused" | undefined)[];
  statements?: ("again" | "lost" | "refused" | undefined)[];
  commits?: ("again" | "lost" | "refused" | undefined)[];
  outcome?: "committed" | "aborted";
}) {
  const happened: string[] = [];
  const wire: Wire = {
    async query() {
      happened.push("query");
      const fails = statements.shift();
      if (fails) throw failure(fails);
      return { rows: [], count: 1 };
    },
    async begin() {
      happened.push("begin");
      const fails = beginnings.shift();
      // The answer to what was asked next may be here first.
      if (fails) await nextTurn();
      if (fails) throw failure(fails);
      return { databaseMs: 1, transaction: { connection: "c", number: 7 }, batch: 1 };
    },
    async commit() {
      happened.push("commit");
      const fails = commits.shift();
      if (fails) throw failure(fails);
    },
    rollback: async () => void happened.push("rollback"),
    release: () => void happened.push("release"),
    destroy: () => void happened.push("destroy"),
  };
  const driver = {
    acquire: async () => wire,
    kindOf: (error: unknown) => (error as { code: "again" | "lost" | "refused" }).code,
    async outcomeOf() {
      happened.push("ask");
      return outcome;
    },
    among: "",
    statements: {},
    close: async () => {},
  } as unknown as Driver;
  const engine = new Engine({ driver, timeOf: (nowMs) => ({ nowMs, steadyMs: nowMs }), wake() {} });
  return { happened, release: () => engine.call("leases", "release", ["task", 1]) };
}

describe("a transaction on a database server", () => {
  it("is begun anew after a deadlock or a serialisation failure, and after a connection that went", async () => {
    const { happened, release } = scripted({ statements: ["again", "lost", undefined] });
    await release();
    const tries = [
      ...["begin", "query", "rollback", "release"],
      ...["begin", "query", "destroy"],
      ...["begin", "query", "commit", "release"],
    ];
    assert.deepEqual(happened, tries);
  });

  it("is begun anew when its beginning failed, whatever its first statement was told", async () => {
    const { happened, release } = scripted({ beginnings: ["again", "lost"], statements: ["refused", "refused"] });
    await release();
    const tries = [
      ...["begin", "query", "rollback", "release"],
      ...["begin", "query", "destroy"],
      ...["begin", "query", "commit", "release"],
    ];
    assert.deepEqual(happened, tries);
  });

  it("is not tried again when it was refused", async () => {
    const { happened, release } = scripted({ statements: ["refused"] });
    await assert.rejects(release(), { code: "SERVICE_BUSY" });
    assert.deepEqual(happened, ["begin", "query", "rollback", "release"]);
  });

  it("whose commit was not answered is asked for, and not made twice when it was made", async () => {
    const { happened, release } = scripted({ commits: ["lost"] });
    await release();
    assert.deepEqual(happened, ["begin", "query", "commit", "ask", "release"]);
  });

  it("whose commit was answered with a refusal is asked for: it may have been made before", async () => {
    const { happened, release } = scripted({ commits: ["refused"] });
    await release();
    assert.deepEqual(happened, ["begin", "query", "commit", "rollback", "ask", "release"]);
    const undone = scripted({ commits: ["refused"], outcome: "aborted" });
    await assert.rejects(undone.release(), { code: "SERVICE_BUSY" });
    assert.deepEqual(undone.happened, ["begin", "query", "commit", "rollback", "ask", "rollback", "release"]);
  });

  it("whose commit was not answered is made again when it was not made", async () => {
    const { happened, release } = scripted({ commits: ["lost"], outcome: "aborted" });
    await release();
    const tries = [...["begin", "query", "commit", "ask", "destroy"], ...["begin", "query", "commit", "release"]];
    assert.deepEqual(happened, tries);
  });
});
