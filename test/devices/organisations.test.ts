import assert from "node:assert/strict";
import { Organisations } from "../../src/devices/organisations.ts";
import { openParts, type Parts } from "./parts.ts";

describe("organisations", () => {
  let parts: Parts;
  let organisations: Organisations;

  beforeEach(async () => {
    parts = await openParts();
    organisations = new Organisations(parts.store.organisations, parts.clock);
    await parts.load({ organisations: [{ identification: "test-org" }] });
  });
  afterEach(() => parts.close());

  it("are those that were registered, and a new one is known at once", async () => {
    assert.equal(await organisations.isEnabled("test-org"), true);
    assert.equal(await organisations.isEnabled("new-org"), false);
    await parts.store.organisations.add({ identification: "new-org", enabled: true }, []);
    assert.equal(await organisations.isEnabled("new-org"), true);
  });

  it("are looked up once a second", async () => {
    await organisations.find("test-org");
    await organisations.change("test-org", { enabled: false }, []);
    const before = parts.store.calls();
    assert.equal(await organisations.isEnabled("test-org"), true);
    assert.equal(parts.store.calls(), before);
    parts.clock.step(-3_600_000);
    parts.clock.advance(1000);
    assert.equal(await organisations.isEnabled("test-org"), false);
  });

  it("are changed over what somebody else made of them meanwhile", async () => {
    await Promise.all([
      organisations.change("test-org", { maxWaiting: 5 }, []),
      organisations.change("test-org", { messagesPerSecond: 7 }, []),
    ]);
    const expected = { identification: "test-org", enabled: true, maxWaiting: 5, messagesPerSecond: 7 };
    assert.deepEqual(await parts.store.organisations.find("test-org"), expected);
    await assert.rejects(organisations.change("nobody", {}, []), { code: "UNKNOWN_ORGANISATION" });
  });
});
