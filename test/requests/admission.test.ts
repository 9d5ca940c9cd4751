import assert from "node:assert/strict";
import type { Organisation } from "../../src/domain/organisation.ts";
import { ManualClock } from "../../src/lib/clock.ts";
import { Admission } from "../../src/requests/admission.ts";

describe("admission", () => {
  const all: Organisation[] = [
    { identification: "Utility", enabled: true },
    { identification: "Small", enabled: true, messagesPerSecond: 2 },
    { identification: "Free", enabled: true, messagesPerSecond: 0 },
    { identification: "Gone", enabled: false },
  ];
  let clock: ManualClock;
  let admission: Admission;
  beforeEach(() => {
    clock = new ManualClock(1000);
    const findOrganisation = async (name: string) => all.find(({ identification }) => identification === name);
    admission = new Admission({ findOrganisation, clock, messagesPerSecond: 10 });
  });

  /** How many of so many messages are let in. */
  async function admitted(organisation: string, messages: number): Promise<number> {
    const results = await Promise.allSettled(Array.from({ length: messages }, () => admission.admit(organisation)));
    for (const result of results) if (result.status === "rejected") assert.equal(result.reason.code, "SERVICE_BUSY");
    return results.filter(({ status }) => status === "fulfilled").length;
  }

  it("lets as many messages of an organisation in as its limit says, and costs the others nothing", async () => {
    assert.equal(await admitted("Small", 100), 2);
    assert.equal(await admitted("Utility", 100), 10);
    assert.equal(await admitted("Free", 1000), 1000);
  });

  it("lets in what time has brought, and saves up no more than a second of it", async () => {
    await admitted("Utility", 10);
    clock.advance(300);
    assert.equal(await admitted("Utility", 100), 3);
    clock.advance(3_600_000);
    assert.equal(await admitted("Utility", 100), 10);
  });

  it("counts on when the wall clock steps back", async () => {
    await admitted("Small", 2);
    clock.step(-3_600_000);
    clock.advance(1000);
    assert.equal(await admitted("Small", 9), 2);
  });

  it("says when to try again", async () => {
    await admitted("Small", 2);
    await assert.rejects(admission.admit("Small"), {
      code: "SERVICE_BUSY",
      message: /more than 2 messages within a second/,
      context: { retryAfterSeconds: 1 },
    });
  });

  it("refuses whatever a disabled organisation sends, and leaves unknown ones to each operation", async () => {
    await assert.rejects(admission.admit("Gone"), { code: "DISABLED_ORGANISATION" });
    await admission.admit("Nobody");
  });
});
