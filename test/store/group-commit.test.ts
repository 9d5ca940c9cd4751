import assert from "node:assert/strict";
import { openDatabase } from "../../src/store/database.ts";
import { GroupCommit } from "../../src/store/group-commit.ts";
import { openTemporaryDatabase } from "./temporary-database.ts";

describe("group commit", () => {
  let database: Awaited<ReturnType<typeof openTemporaryDatabase>>;
  let commits: GroupCommit;
  const batches: string[][] = [];

  /** Writes texts to a table; refuses "refuse" alone, fails on "fail". */
  const writer = {
    write: async (transaction: typeof database.knex, items: readonly string[]) => {
      batches.push([...items]);
      const results: (number | Error)[] = [];
      for (const text of items) {
        if (text === "refuse") {
          results.push(new RangeError("refused"));
          continue;
        }
        await transaction("sample").insert({ text });
        results.push(text.length);
      }
      if (items.includes("fail")) throw new RangeError("failed");
      return results;
    },
  };

  beforeEach(async () => {
    database = await openTemporaryDatabase();
    commits = new GroupCommit(database.knex);
    batches.length = 0;
    await database.knex.raw("create table sample (text text)");
  });

  afterEach(() => database.close());

  const stored = async () => (await database.knex("sample").pluck("text")).sort();

  it("puts what is submitted together into one transaction, with each its own result", async () => {
    const results = await Promise.all(["a", "bb", "ccc"].map((text) => commits.submit(writer, text)));
    assert.deepEqual(results, [1, 2, 3]);
    assert.deepEqual(batches, [["a", "bb", "ccc"]]);
  });

  it("puts what comes while it writes into the next transaction", async () => {
    const first = commits.submit(writer, "a");
    await new Promise((resolve) => setImmediate(resolve));
    const rest = ["b", "c"].map((text) => commits.submit(writer, text));
    await Promise.all([first, ...rest]);
    assert.deepEqual(batches, [["a"], ["b", "c"]]);
  });

  it("refuses one item without losing the others", async () => {
    const results = await Promise.allSettled(["a", "refuse", "b"].map((text) => commits.submit(writer, text)));
    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    assert.deepEqual(await stored(), ["a", "b"]);
  });

  it("stores nothing and tells everybody when the transaction fails", async () => {
    const other = {
      write: async (transaction: typeof database.knex, items: readonly string[]) => {
        for (const text of items) await transaction("sample").insert({ text: `other ${text}` });
        return items;
      },
    };
    const submissions = [commits.submit(writer, "a"), commits.submit(other, "b"), commits.submit(writer, "fail")];
    for (const submission of await Promise.allSettled(submissions)) {
      assert.equal(submission.status, "rejected");
      assert.equal(submission.reason.code, "SERVICE_BUSY");
    }
    assert.deepEqual(await stored(), []);
    assert.equal(await commits.submit(writer, "after"), 5);
    assert.deepEqual(await stored(), ["after"]);
  });

  it("is visible to another process when it resolves", async () => {
    const reader = await openDatabase({ dataDirectory: database.dataDirectory });
    await commits.submit(writer, "a");
    assert.deepEqual(await reader.knex("sample").pluck("text"), ["a"]);
    await reader.close();
  });

  it("writes what was submitted before it was closed, and takes nothing after", async () => {
    const submitted = commits.submit(writer, "a");
    const closed = commits.close();
    await assert.rejects(commits.submit(writer, "b"), { code: "SERVICE_BUSY" });
    await closed;
    assert.deepEqual(await stored(), ["a"]);
    assert.equal(await submitted, 1);
  });
});
