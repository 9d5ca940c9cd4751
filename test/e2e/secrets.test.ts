import assert from "node:assert/strict";
import { createHash, createPrivateKey } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { DLMS_SECRET_TYPES, type DlmsSecretType } from "../../src/adapters/dlms/device.ts";
import { DEMO_METERS, readSample } from "../../src/cli/demo-fleet.ts";
import { run as runProgram } from "../../src/cli/program.ts";
import { ApplicationKeys } from "../../src/devices/application-keys.ts";
import { sealKey } from "../../src/devices/platform-keys.ts";
import { toHex } from "../../src/lib/bytes.ts";
import { defaultGasMeter, type MeterOptions } from "../../src/simulators/dlms/meter-options.ts";
import { OtherConnection } from "../store/temporary-store.ts";
import { result, startWorld, temporaryDirectory, type World } from "./harness.ts";
import { KeySearch } from "./key-search.ts";
import { adhoc, configuration, management } from "./matrix-case.ts";

const DSMR2 = "TEST1022000000001";
const DSMR4 = "TEST1024000000001";
const SMR4 = "TEST1043000000001";
const SMR5 = "TEST1027000000001";
const SMR51 = "TEST1051000000001";
const SMR52 = "TEST1052000000001";
const SMR55 = "TEST1055000000001";
const GAS = "TESTG102700000001";
const PAPER_METER = "TEST9999000000001";

/** Octets that occur nowhere by chance. */
const secretOf = (label: string, length = 16) =>
  createHash("sha256").update(`secret ${label}`).digest().subarray(0, length);
const passwordOf = (label: string) => Buffer.from(`Pw${secretOf(label, 9).toString("hex")}`);

function keysOf(identification: string) {
  return {
    master: secretOf(`${identification} master`),
    authentication: secretOf(`${identification} authentication`),
    encryptionUnicast: secretOf(`${identification} encryption`),
    password: passwordOf(`${identification} password`),
  };
}

const METERS: readonly MeterOptions[] = DEMO_METERS.map((meter, i) => ({
  ...meter,
  keys: keysOf(meter.identification!),
  mbusDevices: new Map([[1, { ...defaultGasMeter(i), defaultKey: secretOf(`gas meter ${i}`) }]]),
}));

/** A meter that exists on paper only, with a secret of every kind. */
const PAPER_KEYS = Object.fromEntries(
  DLMS_SECRET_TYPES.map((type) => [type, type.endsWith("_PASSWORD") ? passwordOf(type) : secretOf(type)]),
) as Record<DlmsSecretType, Buffer>;

const paperMeter = (more: object = {}) => ({
  identification: PAPER_METER,
  protocol: { name: "SMR", version: "5.0.0" },
  host: "127.0.0.1",
  port: 1,
  hls5Active: true,
  owner: "test-org",
  keys: Object.fromEntries(
    Object.entries(PAPER_KEYS).map(([type, value]) => [
      type,
      type.endsWith("_PASSWORD") ? value.toString("ascii") : value.toString("hex"),
    ]),
  ),
  ...more,
});

const setKeys = (device: string, authentication: string, encryption: string) =>
  configuration(
    "ReplaceKeys",
    device,
    `<s:SetKeysRequestData><s:AuthenticationKey>${authentication}</s:AuthenticationKey>` +
      `<s:EncryptionKey>${encryption}</s:EncryptionKey></s:SetKeysRequestData>`,
  );

const getFirmwareVersion = (device: string) => configuration("GetFirmwareVersion", device);

describe("key material", () => {
  const search = new KeySearch();
  const files = temporaryDirectory();
  let world: World;
  let processLog = "";
  /** Everything that callers and operators got to see, by where it came from. */
  const shown: [from: string, text: string][] = [];

  async function command(...args: string[]): Promise<number> {
    const write = (text: string) => void shown.push([args.join(" "), text]);
    const env = { METERGATE_DATA_DIR: world.config.dataDir, METERGATE_LOG_LEVEL: "trace" };
    return runProgram(args, { env, out: write, err: write });
  }

  /** Sends a document and keeps whatever comes back, now and later. */
  async function send(what: string, document: Uint8Array<ArrayBuffer>): Promise<string> {
    const sent = await world.client.send(document);
    const answer = "fault" in sent ? sent.fault : await result(world.client, sent);
    shown.push([what, answer.xml]);
    return answer.xml;
  }

  async function vaultKey(device: string, type: DlmsSecretType): Promise<Uint8Array> {
    const key = await world.service.vault.getActive(device, type, { purpose: "test" });
    assert.ok(key, `${device} has no ${type}`);
    return key;
  }

  /** Rows of every table with every column, octets as they are. */
  async function tables(): Promise<[from: string, content: Uint8Array | string][]> {
    const sql = new OtherConnection(world.config.dataDir);
    const names = sql.rows<{ name: string }>("select name from sqlite_master where type = 'table'");
    const cells: [string, Uint8Array | string][] = [];
    for (const { name } of names) {
      for (const row of sql.rows(`select * from ${name}`)) {
        for (const [column, value] of Object.entries(row)) {
          cells.push([`table ${name}, ${column}`, value instanceof Uint8Array ? value : String(value)]);
        }
      }
    }
    sql.close();
    return cells;
  }

  /** The database as it is on the disk, with what is not in its main file yet. */
  function databaseFiles(): [from: string, content: Uint8Array][] {
    const { dataDir } = world.config;
    return readdirSync(dataDir)
      .filter((name) => name.startsWith("metergate.db"))
      .map((name) => [name, readFileSync(join(dataDir, name))]);
  }

  function requireNone(places: Iterable<readonly [from: string, content: string | Uint8Array]>): void {
    const found = new Set<string>();
    for (const [from, content] of places) for (const what of search.in(content)) found.add(`${what} in ${from}`);
    assert.deepEqual([...found], []);
  }

  before(async () => {
    const write = (line: string) => {
      processLog += line;
    };
    const logger = pino({ level: "trace", base: null }, { write });
    world = await startWorld({ METERGATE_MAX_RETRIES: "0", METERGATE_LOG_LEVEL: "trace" }, { meters: METERS, logger });
    await new ApplicationKeys(world.service.store.devices).add(
      "test-org",
      "ERP",
      Buffer.from(readSample("demo-keys/erp-public-key.pem")),
      "",
    );

    for (const [type, bytes] of Object.entries(PAPER_KEYS)) search.add({ what: type, bytes });
    for (const { identification, keys, mbusDevices } of METERS) {
      for (const [name, bytes] of Object.entries(keys!)) search.add({ what: `${name} of ${identification}`, bytes });
      search.add({ what: `gas meter key behind ${identification}`, bytes: mbusDevices!.get(1)!.defaultKey });
    }

    // What is between us and a meter that is debugged is kept, deciphered; keys travel there.
    for (const { identification } of METERS) {
      assert.match(await send("EnableDebugging", management("EnableDebugging", identification!)), />OK</);
    }
    await operate();
    await failToAuthenticate();
    for (const { identification } of METERS) {
      const page = "<m:Page>0</m:Page>";
      const messages = await send("FindMessageLogs", management("FindMessageLogs", identification!, page));
      assert.match(messages, /MessageLogs>/, identification);
    }
    await operateTheCommandLine();

    const generated = [
      [SMR51, "E_METER_AUTHENTICATION_KEY"],
      [SMR51, "E_METER_ENCRYPTION_KEY_UNICAST"],
      [GAS, "G_METER_ENCRYPTION_KEY"],
    ] as const;
    for (const [device, type] of generated) {
      search.add({ what: `generated ${type} of ${device}`, bytes: await vaultKey(device, type) });
    }
    for (const line of readFileSync(world.config.vaultKeyFile, "utf8").split("\n").filter(Boolean)) {
      search.add({ what: "key-encryption key", bytes: Buffer.from(line, "base64") });
    }
    const platformKey = createPrivateKey(readFileSync(join(world.config.dataDir, "platform-key.pem"))).export({
      format: "jwk",
    });
    for (const part of ["d", "p", "q"] as const) {
      search.add({ what: `platform key's ${part}`, bytes: Buffer.from(platformKey[part]!, "base64url") });
    }
  });

  /** Requests that bring keys, make keys, read keys and use them. */
  async function operate(): Promise<void> {
    const platformKey = readFileSync(join(world.config.dataDir, "platform-public-key.pem"), "utf8");
    const [authentication, encryption] = [secretOf("new authentication"), secretOf("new encryption")];
    search.add({ what: "replaced authentication key", bytes: authentication });
    search.add({ what: "replaced encryption key", bytes: encryption });
    const replaced = await send(
      "ReplaceKeys",
      setKeys(SMR52, sealKey(platformKey, authentication), sealKey(platformKey, encryption)),
    );
    assert.match(replaced, />OK</);
    assert.deepEqual(await vaultKey(SMR52, "E_METER_AUTHENTICATION_KEY"), new Uint8Array(authentication));
    assert.match(await send("GenerateAndReplaceKeys", configuration("GenerateAndReplaceKeys", SMR51)), />OK</);
    const setKeyOnGMeter =
      `<s:SetKeyOnGMeterRequestData><s:MbusDeviceIdentification>${GAS}</s:MbusDeviceIdentification>` +
      "<s:SecretType>G_METER_ENCRYPTION_KEY</s:SecretType></s:SetKeyOnGMeterRequestData>";
    assert.match(await send("SetKeyOnGMeter", configuration("SetKeyOnGMeter", GAS, setKeyOnGMeter)), />OK</);
    const types = DLMS_SECRET_TYPES.filter(
      (type) => !type.includes("PASSWORD") && !type.includes("OPTICAL") && !type.includes("BROADCAST"),
    );
    const wanted = types.map((type) => `<s:secretTypes>${type}</s:secretTypes>`).join("");
    await send("GetKeys", configuration("GetKeys", SMR52, `<s:GetKeysData>${wanted}</s:GetKeysData>`));
    for (const device of [DSMR2, DSMR4, SMR5])
      assert.doesNotMatch(await send(device, getFirmwareVersion(device)), /Fault/);
    await send("GetAllAttributeValues", adhoc("GetAllAttributeValues", SMR5));
  }

  /** Callers that do it wrong, and meters that have other keys than we think. */
  async function failToAuthenticate(): Promise<void> {
    const clear = [secretOf("in clear 1"), secretOf("in clear 2")] as const;
    for (const bytes of clear) search.add({ what: "key that a caller sent in clear", bytes });
    const [first, second] = clear.map(toHex) as [string, string];
    assert.match(await send("keys in clear", setKeys(SMR55, first, second)), /Fault|NOT OK/);
    assert.match(await send("a key in base64", setKeys(SMR55, clear[0].toString("base64"), second)), /Fault/);
    assert.match(await send("a key with a digit too many", setKeys(SMR55, `${first}0`, second)), /Fault/);

    const wrong = { key: secretOf("wrong key"), password: passwordOf("wrong password") };
    search.add({ what: "wrong key", bytes: wrong.key });
    search.add({ what: "wrong password", bytes: wrong.password });
    const { vault } = world.service;
    const replace = (device: string, type: DlmsSecretType, value: Buffer) =>
      vault.storeActive(device, [{ type, value: new Uint8Array(value) }]);
    await replace(DSMR2, "LLS_PASSWORD", wrong.password);
    await replace(DSMR4, "E_METER_AUTHENTICATION_KEY", wrong.key);
    await replace(SMR4, "E_METER_ENCRYPTION_KEY_UNICAST", wrong.key);
    for (const device of [DSMR2, DSMR4, SMR4]) {
      assert.match(await send(`${device} with a wrong key`, getFirmwareVersion(device)), /Fault|NOT OK/);
    }
    await replace(SMR55, "E_METER_MASTER_KEY", wrong.key);
    await send("GenerateAndReplaceKeys with a wrong master key", configuration("GenerateAndReplaceKeys", SMR55));
  }

  async function operateTheCommandLine(): Promise<void> {
    const file = (name: string, content: string) => {
      const path = join(files.path, name);
      writeFileSync(path, content);
      return path;
    };
    const good = JSON.stringify({ devices: [paperMeter()] });
    assert.equal(await command("devices", "import", file("good.json", good)), 0);
    const key = PAPER_KEYS.E_METER_MASTER_KEY.toString("hex");
    const bad = [
      good.replace(key, `${key}0`),
      good.replace(key, PAPER_KEYS.E_METER_MASTER_KEY.toString("base64")),
      good.replace(`"${key}"`, key),
      good.slice(0, good.indexOf(key) + 20),
      JSON.stringify({
        devices: [paperMeter({ host: PAPER_KEYS.G_METER_MASTER_KEY.toString("hex").repeat(9), port: key })],
      }),
      JSON.stringify({
        devices: [paperMeter({ keys: { ...paperMeter().keys, LLS_PASSWORD: `${PAPER_KEYS.LLS_PASSWORD}\n` } })],
      }),
      JSON.stringify({ devices: [paperMeter({ keys: Object.values(PAPER_KEYS).map(toHex) })] }),
      key,
    ];
    for (const [i, content] of bad.entries()) {
      assert.equal(await command("devices", "import", file(`bad-${i}.json`, content)), 1, `file ${i}`);
    }
    // A request to the meter on paper waits and is listed with its error.
    await world.client.send(getFirmwareVersion(PAPER_METER));
    for (const args of [
      ["devices", "list"],
      ["requests", "list"],
      ["firmware", "list"],
      ["alarms", "list"],
      ["support"],
      ["vault", "rotate"],
      ["log", "verify"],
    ]) {
      assert.equal(await command(...args), 0, args.join(" "));
    }
  }

  after(async () => {
    await world.stop();
    files.remove();
  });

  it("is found by this test in whatever form it leaks", () => {
    const bytes = Uint8Array.from({ length: 16 }, (_, i) => 0x93 + i * 5);
    const planted = new KeySearch();
    planted.add({ what: "it", bytes });
    const hex = toHex(bytes);
    const base64 = (prefix: string) =>
      Buffer.concat([Buffer.from(prefix), bytes, Buffer.from("tail")]).toString("base64");
    const leaks = [
      bytes,
      Buffer.concat([Buffer.from("x"), bytes]),
      hex.toLowerCase(),
      hex.toUpperCase(),
      base64(""),
      base64("a"),
      base64("ab"),
      JSON.stringify({ bytes }),
      JSON.stringify([...bytes]),
      `key: ${hex}`,
    ];
    for (const leak of leaks) assert.deepEqual(planted.in(leak), ["it"]);
    assert.deepEqual(planted.in(`${hex.slice(1)}`), []);
  });

  it("is not in the database, in no table and no file of it", async () => {
    const before = databaseFiles();
    assert.ok(before.some(([name, content]) => name.endsWith("-wal") && content.length > 0));
    requireNone(before);
    requireNone(await tables());
  });

  it("is not in the log of the process, at its finest", () => {
    assert.ok(processLog.length > 1_000);
    requireNone([["the log", processLog]]);
  });

  it("is not in what the service answers, nor in what commands print", () => {
    assert.ok(shown.some(([from, text]) => from === "devices list" && text.includes(PAPER_METER)));
    requireNone(shown);
  });
});
