import assert from "node:assert/strict";
import { AttackWorld, METER, OWN } from "./attack-world.ts";
import { ON_DOCUMENTS } from "./attacks-on-documents.ts";
import { ON_RIGHTS } from "./attacks-on-rights.ts";
import { ON_SIGNATURES } from "./attacks-on-signatures.ts";

const ATTACKS = [...ON_RIGHTS, ...ON_DOCUMENTS, ...ON_SIGNATURES];

describe("an attack", () => {
  const world = new AttackWorld();
  before(() => world.start());
  after(() => world.stop());

  for (const { what, by, fault, status = 500 } of ATTACKS) {
    it(`ends in a fault and in the log, and costs no other caller: ${what}`, async () => {
      const { messageLog } = world.world.service.store;
      const before = await messageLog.size();
      // Whoever has its right is heard at the same time.
      const [heard, uid] = await Promise.all([by(world), world.accept(OWN)]);
      assert.match(uid, /^test-org\|\|\|/);
      assert.match(heard.text, /<SOAP-ENV:Fault>/);
      assert.match(heard.text, fault);
      assert.equal(heard.status, status);
      assert.ok((await messageLog.size()) >= before + 4, "both messages and their answers are in the log");
    });
  }

  it("leaves those who may alone while rights and organisations change", async () => {
    const { organisations } = world.world.service.store;
    const right = { device: METER, organisation: "other-org", functionGroup: "CONFIGURATION" } as const;
    let [stop, heard] = [false, 0];
    const load = Array.from({ length: 4 }, async () => {
      for (; !stop; heard++) assert.match(await world.accept(OWN), /^test-org/);
    });
    const [before, disabled] = [
      { identification: "changing-org", enabled: true },
      { identification: "changing-org", enabled: false },
    ];
    await organisations.add(before, []);
    for (let i = 0; i < 10; i++) {
      assert.equal(await organisations.grant(right, []), true);
      assert.equal(await organisations.replace(before, disabled, []), true);
      assert.equal(await organisations.revoke(right, []), true);
      assert.equal(await organisations.replace(disabled, before, []), true);
    }
    stop = true;
    await Promise.all(load);
    assert.ok(heard >= 4);
  });

  it("is told to nobody as a defect, and what is in the table is enough", () => {
    assert.deepEqual(
      world.world.complaints.filter((text) => !/more refused messages/.test(text)),
      [],
    );
    assert.ok(ATTACKS.length >= 30);
  });
});
