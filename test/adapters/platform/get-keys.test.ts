import assert from "node:assert/strict";
import { constants, privateDecrypt } from "node:crypto";
import { fromHex } from "../../../src/lib/bytes.ts";
import type { OperationRequest, OperationResult } from "../../../src/operations/registry.ts";
import { DEFAULT_MBUS_KEY } from "../../../src/simulators/dlms/mbus-device.ts";
import { AUTHENTICATION, ENCRYPTION, type KeyedMeter, KeysWorld } from "../dlms/keys-world.ts";

const CALLER = { organisation: "test-org", userName: "user", applicationName: "erp" };

describe("GetKeys", () => {
  let world: KeysWorld;
  let meter: KeyedMeter;
  let privateKey: string;
  before(async () => {
    world = await KeysWorld.open();
    meter = await world.meter();
    privateKey = await world.registerApplication("erp");
    // Nobody listens there any more: the meter has no part in this.
    await meter.close();
  });
  after(() => world.close());

  async function getKeys(
    secretTypes: OperationRequest<"GetKeys">["secretTypes"],
    target: "meter" | "gas" = "meter",
    applicationName = "erp",
  ) {
    const caller = { ...CALLER, applicationName };
    return meter.run({ operation: "GetKeys", request: { secretTypes } }, { caller }, target);
  }

  function opened(end: Awaited<ReturnType<typeof getKeys>>): (Uint8Array | null)[] {
    assert.ok(typeof end !== "string" && end.ok, JSON.stringify(end));
    const padding = { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" };
    return (end.result as OperationResult<"GetKeys">).keys.map(({ sealed }) =>
      sealed === null ? null : new Uint8Array(privateDecrypt(padding, fromHex(sealed))),
    );
  }

  it("seals the keys in use for the application that asks, in the order asked for", async () => {
    const { encryptionUnicast, authentication, master } = meter.simulated.keys;
    const keys = opened(await getKeys([ENCRYPTION, "E_METER_MASTER_KEY", AUTHENTICATION]));
    assert.deepEqual(keys, [encryptionUnicast, master, authentication]);
  });

  it("hands out no key that the meter does not have yet", async () => {
    await world.parts.vault.generateAndStoreNew(meter.identification, [AUTHENTICATION]);
    assert.deepEqual(opened(await getKeys([AUTHENTICATION])), [meter.simulated.keys.authentication]);
  });

  it("gives null for a key that the vault does not hold", async () => {
    assert.deepEqual(opened(await getKeys(["E_METER_ENCRYPTION_KEY_BROADCAST"])), [null]);
  });

  it("can be asked about a gas meter", async () => {
    assert.deepEqual(opened(await getKeys(["G_METER_MASTER_KEY"], "gas")), [DEFAULT_MBUS_KEY]);
  });

  it("is refused for an application without a public key, with a technical fault", async () => {
    const message = "No public key found for application other and organisation test-org";
    const error = { code: "NOT_FOUND", message };
    assert.deepEqual(await getKeys([AUTHENTICATION], "meter", "other"), { ok: false, error });
  });

  it("leaves a row for the audit that names the request", async () => {
    await getKeys(["E_METER_MASTER_KEY"]);
    const reads = world.parts.store.sql.rows("select * from secret_read where type = 'E_METER_MASTER_KEY'");
    assert.equal(reads.at(-1)?.purpose, "GetKeys");
    assert.equal(reads.at(-1)?.correlation_uid, `uid-${meter.identification}`);
  });
});
