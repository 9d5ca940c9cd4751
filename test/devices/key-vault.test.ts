import assert from "node:assert/strict";
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DLMS_SECRET_TYPES } from "../../src/adapters/dlms/device.ts";
import { openKeyVault } from "../../src/devices/key-vault.ts";
import type { SecretType } from "../../src/domain/device.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { verifyMessageLog } from "../../src/message-log/verify.ts";
import { removeEntry } from "../store/packed-log.ts";
import { METER, meterEntry, NOW_MS, ORGANISATIONS, openParts, type Parts } from "./parts.ts";

const MASTER: SecretType = "E_METER_MASTER_KEY";
const UNICAST: SecretType = "E_METER_ENCRYPTION_KEY_UNICAST";
const AUTHENTICATION: SecretType = "E_METER_AUTHENTICATION_KEY";
const KEY = fromHex("9F3C55E01B7A4D2286C4AB10DE77F0A3");
const OTHER_KEY = fromHex("00112233445566778899AABBCCDDEEFF");
const READER = { purpose: "association", correlationUid: "test-org|||uid" };

/** The same octets in the spellings that could give them away. */
function spellings(key: Uint8Array): Buffer[] {
  const bytes = Buffer.from(key);
  const hex = bytes.toString("hex");
  return [bytes, Buffer.from(hex), Buffer.from(hex.toUpperCase()), Buffer.from(bytes.toString("base64").slice(0, 20))];
}

describe("the key vault", () => {
  let parts: Parts;

  beforeEach(async () => {
    parts = await openParts();
    await parts.load({ organisations: ORGANISATIONS, devices: [meterEntry()] });
  });

  afterEach(() => parts.close());

  async function states(type: SecretType): Promise<string[]> {
    const rows = parts.store.sql.rows<{ state: string }>(
      "select state from secret where device = ? and type = ?",
      ...[METER, type],
    );
    return rows.map((row) => row.state).sort();
  }

  it("has nothing for a device until something is stored", async () => {
    assert.equal(await parts.vault.getActive(METER, UNICAST, READER), null);
    assert.equal(await parts.vault.getNew(METER, UNICAST, READER), null);
    assert.equal(await parts.vault.hasNew(METER, [UNICAST]), false);
  });

  it("withdraws an older new secret of the same type when a newer one is stored", async () => {
    await parts.vault.storeNew(METER, [{ type: UNICAST, value: KEY }]);
    await parts.vault.storeNew(METER, [{ type: UNICAST, value: OTHER_KEY }]);
    assert.deepEqual(await states(UNICAST), ["NEW", "WITHDRAWN"]);
    assert.deepEqual(await parts.vault.getNew(METER, UNICAST, READER), OTHER_KEY);
  });

  it("knows which action of a request brought a secret, and what became of it", async () => {
    await parts.vault.storeNew(METER, [{ type: MASTER, value: KEY }]);
    await parts.vault.generateAndStoreNew(METER, [UNICAST, AUTHENTICATION], "uid/0");
    await parts.vault.activate(METER, [UNICAST]);
    await parts.vault.storeNew(METER, [{ type: UNICAST, value: KEY }], "uid/1");
    const brought = async (action: string) =>
      (await parts.vault.broughtBy(METER, action)).map(({ type, state }) => `${type} ${state}`).sort();
    assert.deepEqual(await brought("uid/0"), [`${AUTHENTICATION} NEW`, `${UNICAST} ACTIVE`]);
    assert.deepEqual(await brought("uid/1"), [`${UNICAST} NEW`]);
    assert.deepEqual(await brought("uid/2"), []);
  });

  it("moves the active secret to expired and the new one to active", async () => {
    await parts.vault.storeActive(METER, [{ type: UNICAST, value: KEY }]);
    await parts.vault.storeNew(METER, [{ type: UNICAST, value: OTHER_KEY }]);
    assert.deepEqual(await parts.vault.getActive(METER, UNICAST, READER), KEY);
    await parts.vault.activate(METER, [UNICAST]);
    assert.deepEqual(await states(UNICAST), ["ACTIVE", "EXPIRED"]);
    assert.deepEqual(await parts.vault.getActive(METER, UNICAST, READER), OTHER_KEY);
    assert.equal(await parts.vault.getNew(METER, UNICAST, READER), null);
  });

  it("activates all named types or none", async () => {
    await parts.vault.storeNew(METER, [{ type: UNICAST, value: KEY }]);
    await assert.rejects(parts.vault.activate(METER, [UNICAST, AUTHENTICATION]), {
      code: "KEY_NOT_PRESENT",
      message: `${METER} has no new ${AUTHENTICATION} to activate`,
    });
    assert.deepEqual(await states(UNICAST), ["NEW"]);
  });

  it("cannot hold two new or two active secrets of one type", async () => {
    for (const state of ["NEW", "ACTIVE"]) {
      const rows = await parts.vault.seal(METER, [
        { type: UNICAST, value: KEY },
        { type: UNICAST, value: OTHER_KEY },
      ]);
      await parts.store.secrets.insertNew([rows[0]!], NOW_MS, null);
      parts.store.sql.run("update secret set state = ? where id = ?", state, rows[0]!.id);
      assert.throws(
        () =>
          parts.store.sql.run(
            `insert into secret (id, device, type, state, state_since_ms, kek_id, wrapped_key, sealed)
             select ?, device, type, state, state_since_ms, kek_id, wrapped_key, sealed from secret where id = ?`,
            ...[rows[1]!.id, rows[0]!.id],
          ),
        /UNIQUE constraint failed: secret\.device, secret\.type/,
      );
    }
  });

  it("generates different keys of 16 octets for all named types", async () => {
    await parts.vault.generateAndStoreNew(METER, [UNICAST, AUTHENTICATION]);
    assert.ok(await parts.vault.hasNew(METER, [MASTER, AUTHENTICATION]));
    const unicast = await parts.vault.getNew(METER, UNICAST, READER);
    const authentication = await parts.vault.getNew(METER, AUTHENTICATION, READER);
    assert.equal(unicast?.length, 16);
    assert.notDeepEqual(unicast, authentication);
  });

  it("refuses a key that has not 16 octets, without showing it", async () => {
    await assert.rejects(parts.vault.storeNew(METER, [{ type: UNICAST, value: KEY.subarray(1) }]), {
      code: "INVALID_KEY_FORMAT",
      message: `${UNICAST} cannot have 15 octets`,
    });
  });

  it("keeps secrets of other families as they are, but none that is empty", async () => {
    await parts.vault.storeActive(METER, [{ type: "GATEWAY_TOKEN", value: Buffer.from("1234") }]);
    assert.deepEqual(await parts.vault.getActive(METER, "GATEWAY_TOKEN", READER), new Uint8Array(Buffer.from("1234")));
    const empty = { type: "GATEWAY_TOKEN", value: new Uint8Array() };
    await assert.rejects(parts.vault.storeActive(METER, [empty]), { code: "INVALID_KEY_FORMAT" });
  });

  it("keeps passwords of any length", async () => {
    await parts.vault.storeActive(METER, [{ type: "LLS_PASSWORD", value: Buffer.from("12345678") }]);
    const password = await parts.vault.getActive(METER, "LLS_PASSWORD", READER);
    assert.equal(Buffer.from(password ?? []).toString(), "12345678");
  });

  it("leaves no key in clear in any file of the data directory", async () => {
    const key = toHex(KEY);
    await parts.load({ devices: [meterEntry({ keys: { [MASTER]: key, LLS_PASSWORD: "a9-Zebra-Quilt" } })] });
    await parts.vault.storeNew(METER, [{ type: UNICAST, value: OTHER_KEY }]);
    await parts.vault.getActive(METER, MASTER, READER);
    const files = readdirSync(parts.dataDirectory).map((name) => readFileSync(join(parts.dataDirectory, name)));
    const wanted = [...spellings(KEY), ...spellings(OTHER_KEY), ...spellings(Buffer.from("a9-Zebra-Quilt"))];
    assert.ok(files.some((file) => file.includes(METER)));
    for (const spelling of wanted) assert.ok(!files.some((file) => file.includes(spelling)));
  });

  it("writes down who read which secret, when and why, for secrets that were there", async () => {
    await parts.vault.storeActive(METER, [{ type: UNICAST, value: KEY }]);
    await parts.vault.getActive(METER, UNICAST, READER);
    parts.clock.advance(1000);
    await parts.vault.getActive(METER, UNICAST, { purpose: "key recovery" });
    await parts.vault.getActive(METER, MASTER, READER);
    const [{ id }] = parts.store.sql.rows("select id from secret") as [{ id: string }];
    const read = { secretId: id, device: METER, type: UNICAST };
    assert.deepEqual(await parts.store.secrets.reads(METER), [
      { ...read, readMs: NOW_MS, ...READER },
      { ...read, readMs: NOW_MS + 1000, purpose: "key recovery", correlationUid: null },
    ]);
  });

  it("has the log tell of each read, so that who deletes the rows about it is noticed", async () => {
    const before = await parts.store.messageLog.size();
    await parts.vault.storeActive(METER, [{ type: UNICAST, value: KEY }]);
    await parts.vault.getActive(METER, UNICAST, READER);
    await parts.vault.getActive(METER, MASTER, READER);
    await parts.vault.getActive(METER, UNICAST, { purpose: "key recovery" });
    parts.store.sql.run("delete from secret_read");
    const entries = await parts.store.messageLog.read(before, 10);
    assert.deepEqual(
      entries.map(({ leaf, stored }) => [
        ...[leaf.service, leaf.operation, leaf.direction, leaf.device, leaf.correlationUid],
        JSON.parse(Buffer.from(stored!).toString()),
      ]),
      [
        [
          "vault",
          "read",
          "out",
          METER,
          READER.correlationUid,
          { secrets: { [UNICAST]: "ACTIVE" }, purpose: READER.purpose },
        ],
        ["vault", "read", "out", METER, "", { secrets: { [UNICAST]: "ACTIVE" }, purpose: "key recovery" }],
      ],
    );
    for (const spelling of spellings(KEY)) {
      assert.ok(!entries.some(({ stored }) => Buffer.from(stored!).includes(spelling)));
    }
    removeEntry(parts.store.sql, before);
    assert.deepEqual((await verifyMessageLog(parts.store.messageLog)).findings, [{ index: before, defect: "MISSING" }]);
  });

  for (const column of ["sealed", "wrapped_key"]) {
    it(`refuses a secret whose ${column} was taken from another row`, async () => {
      await parts.vault.storeActive(METER, [
        { type: UNICAST, value: KEY },
        { type: AUTHENTICATION, value: OTHER_KEY },
      ]);
      const [other] = parts.store.sql.rows("select * from secret where type = ?", AUTHENTICATION);
      parts.store.sql.run(`update secret set ${column} = ? where type = ?`, other![column]!, UNICAST);
      await assert.rejects(parts.vault.getActive(METER, UNICAST, READER), { code: "VAULT_UNREADABLE" });
    });
  }

  it("refuses a secret that was moved to another type", async () => {
    await parts.vault.storeActive(METER, [{ type: UNICAST, value: KEY }]);
    parts.store.sql.run("update secret set type = ?", AUTHENTICATION);
    await assert.rejects(parts.vault.getActive(METER, AUTHENTICATION, READER), { code: "VAULT_UNREADABLE" });
  });

  it("refuses a secret that was cut short", async () => {
    await parts.vault.storeActive(METER, [{ type: UNICAST, value: KEY }]);
    parts.store.sql.run("update secret set wrapped_key = ?", new Uint8Array(27));
    await assert.rejects(parts.vault.getActive(METER, UNICAST, READER), { code: "VAULT_UNREADABLE" });
  });

  describe("its key file", () => {
    const kekIds = () => parts.store.secrets.kekIds();

    it("is for its owner only", () => {
      assert.equal(statSync(parts.keyFile).mode & 0o777, 0o600);
    });

    it("is refused when others may read it", async () => {
      chmodSync(parts.keyFile, 0o640);
      await assert.rejects(parts.reopen(), { code: "VAULT_UNREADABLE", message: /others may read/ });
    });

    it("is not made anew when there are secrets that need the old one", async () => {
      await parts.vault.storeActive(METER, [{ type: UNICAST, value: KEY }]);
      rmSync(parts.keyFile);
      await assert.rejects(parts.reopen(), { code: "VAULT_UNREADABLE", message: /is missing/ });
    });

    it("is refused when it lacks the key that secrets need", async () => {
      await parts.vault.storeActive(METER, [{ type: UNICAST, value: KEY }]);
      writeFileSync(parts.keyFile, `${Buffer.alloc(32, 1).toString("base64")}\n`);
      await assert.rejects(parts.reopen(), { code: "VAULT_UNREADABLE", message: /lacks the key-encryption key/ });
    });

    it("is refused when it holds anything but keys, without showing it", async () => {
      writeFileSync(parts.keyFile, "c2hvcnQ=\n");
      await assert.rejects(parts.reopen(), (error: Error) => {
        assert.match(error.message, /must hold one or more lines of 32 octets/);
        assert.ok(!error.message.includes("c2hvcnQ"));
        return true;
      });
    });

    it("rotates: another key wraps every data key, and all secrets stay readable", async () => {
      await parts.vault.storeActive(METER, [{ type: UNICAST, value: KEY }]);
      await parts.vault.storeNew(METER, [{ type: UNICAST, value: OTHER_KEY }]);
      const before = await kekIds();
      assert.deepEqual(await parts.vault.rotate(), { rewrapped: 2, dropped: 0, unreadable: 0, named: [] });
      const after = await kekIds();
      assert.equal(after.length, 1);
      assert.notDeepEqual(after, before);
      assert.deepEqual(await parts.vault.getActive(METER, UNICAST, READER), KEY);
      assert.deepEqual(await parts.vault.getNew(METER, UNICAST, READER), OTHER_KEY);
    });

    it("rotates past a secret that cannot be read, and names it", async () => {
      await parts.vault.storeActive(METER, [{ type: UNICAST, value: KEY }]);
      await parts.vault.storeActive(METER, [{ type: AUTHENTICATION, value: OTHER_KEY }]);
      parts.store.sql.run("update secret set wrapped_key = ? where type = ?", new Uint8Array(40), AUTHENTICATION);
      const named = [`${AUTHENTICATION} of ${METER}`];
      assert.deepEqual(await parts.vault.rotate(), { rewrapped: 1, dropped: 0, unreadable: 1, named });
      assert.deepEqual(await parts.vault.getActive(METER, UNICAST, READER), KEY);
      assert.deepEqual(await parts.vault.rotate(), { rewrapped: 1, dropped: 0, unreadable: 1, named });
    });

    it("forgets a key one rotation after the one that replaced it", async () => {
      await parts.vault.storeActive(METER, [{ type: UNICAST, value: KEY }]);
      await parts.vault.rotate();
      assert.equal(readFileSync(parts.keyFile, "utf8").trim().split("\n").length, 2);
      assert.deepEqual(await parts.vault.rotate(), { rewrapped: 1, dropped: 1, unreadable: 0, named: [] });
      assert.equal(readFileSync(parts.keyFile, "utf8").trim().split("\n").length, 2);
    });

    it("lets others read and store while it rotates, with key files that they opened before", async () => {
      await parts.vault.storeActive(METER, [{ type: UNICAST, value: KEY }]);
      const { keyFile, clock } = parts;
      const { secrets } = parts.store;
      const other = await openKeyVault({ secrets, keyFile, clock, random: systemRandom });
      const types = DLMS_SECRET_TYPES.filter((type) => type !== UNICAST);
      const rotation = parts.vault.rotate();
      for (const type of types) {
        assert.deepEqual(await other.getActive(METER, UNICAST, READER), KEY);
        await other.storeActive(METER, [{ type, value: OTHER_KEY }]);
      }
      await rotation;
      await parts.vault.rotate();
      for (const type of types) assert.deepEqual(await other.getActive(METER, type, READER), OTHER_KEY);
    });

    it("takes one change at a time", async () => {
      writeFileSync(`${parts.keyFile}.lock`, "");
      await assert.rejects(parts.vault.rotate(), { code: "SERVICE_BUSY", message: /being changed/ });
    });
  });
});
