import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { DlmsDevice } from "../../src/adapters/dlms/device.ts";
import { parseDeviceFile } from "../../src/devices/device-file.ts";
import { importDevices } from "../../src/devices/import.ts";
import { Inventory } from "../../src/devices/inventory.ts";
import { InvocationCounters } from "../../src/devices/invocation-counters.ts";
import { MetergateError } from "../../src/domain/errors.ts";
import { type Family, familyRecord } from "../../src/domain/family.ts";
import { integer, text } from "../../src/domain/record-schema.ts";
import { FAMILIES } from "../../src/families.ts";
import { fromHex } from "../../src/lib/bytes.ts";
import { readableRows } from "../store/readable-rows.ts";
import { GAS_METER, METER, meterEntry, ORGANISATIONS, openParts, type Parts } from "./parts.ts";

const UNICAST = "E_METER_ENCRYPTION_KEY_UNICAST";
const KEY = "9F3C55E01B7A4D2286C4AB10DE77F0A3";
const OTHER_KEY = "00112233445566778899AABBCCDDEEFF";
const READER = { purpose: "test" };

describe("a devices file", () => {
  function problems(content: unknown): string[] {
    try {
      parseDeviceFile(typeof content === "string" ? content : JSON.stringify(content), FAMILIES);
    } catch (error) {
      assert.ok(error instanceof MetergateError);
      assert.equal(error.code, "VALIDATION_ERROR");
      return error.message.split("\n");
    }
    return [];
  }

  const withDevice = (more: Record<string, unknown>) => ({ devices: [meterEntry(more)] });

  it("has defaults for all but identification, protocol and address", () => {
    const [entry] = parseDeviceFile(JSON.stringify({ devices: [meterEntry()] }), FAMILIES).devices;
    assert.deepEqual(entry?.device, {
      identification: METER,
      family: "dlms",
      protocol: { name: "SMR", version: "5.0.0" },
      timezone: "Europe/Amsterdam",
      security: { hls5Active: true, hls4Active: false, hls3Active: false, lls1Active: false },
      dlms: {
        host: "127.0.0.1",
        port: 4059,
        logicalDevice: 1,
        useHdlc: false,
        useSn: false,
        challengeLength: 16,
        withListMax: 1,
        selectiveAccessSupported: false,
      },
      gateway: undefined,
      mbus: undefined,
      model: undefined,
    });
    assert.deepEqual(entry?.authorisations, [{ organisation: "test-org", functionGroup: "OWNER" }]);
  });

  const cases: [string, unknown, string[]][] = [
    ["no object", [], ["the file: must be an object"]],
    ["an unknown key", { meters: [] }, ["the file: unknown meters; allowed: organisations, devices"]],
    ["no list", { devices: {} }, ["devices: must be a list"]],
    [
      "a short identification",
      withDevice({ identification: "METER1" }),
      ["devices[0].identification: must be 16 to 40 letters, digits or spaces"],
    ],
    [
      "an unknown key of a device's keys",
      withDevice({ keys: { MASTER: KEY } }),
      [
        "devices[0].keys: unknown MASTER; allowed: E_METER_MASTER_KEY, E_METER_AUTHENTICATION_KEY, " +
          "E_METER_ENCRYPTION_KEY_UNICAST, E_METER_ENCRYPTION_KEY_BROADCAST, G_METER_MASTER_KEY, " +
          "G_METER_ENCRYPTION_KEY, G_METER_FIRMWARE_UPDATE_AUTHENTICATION_KEY, G_METER_OPTICAL_PORT_KEY, " +
          "PPP_PASSWORD, LLS_PASSWORD",
      ],
    ],
    [
      "an unknown version",
      withDevice({ protocol: { name: "SMR", version: "5.3" } }),
      [
        "devices[0].protocol: must be name and version of one of: " +
          "DSMR 2.2, DSMR 4.2.2, SMR 4.3, SMR 5.0.0, SMR 5.1, SMR 5.2, SMR 5.5",
      ],
    ],
    [
      "several wrong values",
      withDevice({ port: 0, challengeLength: 7, hls5Active: "yes", timezone: "Mars/Olympus", gateway: { channel: 5 } }),
      [
        "devices[0].timezone: must be an IANA time zone, e.g. Europe/Amsterdam",
        "devices[0].port: must be a whole number from 1 to 65535",
        "devices[0].hls5Active: must be true or false",
        "devices[0].challengeLength: must be a whole number from 8 to 64",
        "devices[0].gateway.device: must be 16 to 40 letters, digits or spaces",
        "devices[0].gateway.channel: must be a whole number from 1 to 4",
      ],
    ],
    [
      "an unknown function group",
      withDevice({ authorisations: [{ organisation: "test-org", functionGroup: "ALL" }] }),
      [
        "devices[0].authorisations[0].functionGroup: must be one of: OWNER, INSTALLATION, AD_HOC, MANAGEMENT, " +
          "FIRMWARE, SCHEDULING, TARIFF_SCHEDULING, CONFIGURATION, MONITORING, METADATA_MANAGEMENT, DANGEROUS_COMMANDS",
      ],
    ],
    [
      "neither address nor gateway",
      withDevice({ host: undefined }),
      [
        "devices[0]: must have either host (a meter that is reached itself), or gateway or mbus (a meter behind another)",
      ],
    ],
    [
      "a logical device that HDLC cannot address",
      withDevice({ useHdlc: true, logicalDevice: 16_384 }),
      ["devices[0].logicalDevice: must be a whole number from 1 to 16383 with useHdlc"],
    ],
    [
      "a physical device where there is no HDLC",
      withDevice({ physicalDevice: 72 }),
      ["devices[0].physicalDevice: is part of an HDLC address: only with useHdlc"],
    ],
    [
      "how pushes are protected, and not by whom they are sent",
      withDevice({ pushSecurity: "authenticated" }),
      ["devices[0].pushSecurity: needs systemTitle, by which a ciphered push is known"],
    ],
    [
      "no protection and no system title",
      withDevice({ systemTitle: "4D4754", pushSecurity: "none" }),
      [
        "devices[0].systemTitle: must be 16 hexadecimal digits (8 octets)",
        "devices[0].pushSecurity: must be one of: authenticated, encrypted, authenticated-and-encrypted",
      ],
    ],
    [
      "a device twice",
      { devices: [meterEntry(), meterEntry()] },
      ["devices[1].identification: is the same as devices[0].identification"],
    ],
  ];
  for (const [what, content, expected] of cases) {
    it(`with ${what} is refused, naming the path and what is allowed`, () => {
      assert.deepEqual(problems(content), expected);
    });
  }

  it("takes the logical devices that the wrapper has, and a physical device over HDLC", () => {
    const hdlc = { useHdlc: true, logicalDevice: 16_383, physicalDevice: 72 };
    for (const more of [{ logicalDevice: 65_535 }, hdlc]) {
      const { devices } = parseDeviceFile(JSON.stringify(withDevice(more)), FAMILIES);
      const { dlms } = devices[0]!.device as DlmsDevice;
      assert.deepEqual({ ...dlms, ...more }, dlms);
    }
  });

  describe("with devices of another family", () => {
    const clouds: Family = {
      ...{ name: "cloud", title: "Clouds", protocols: { PUSH: ["3"] } },
      record: familyRecord(
        { account: text(/^\w+$/, "an account"), size: integer(1, 9).default(1) },
        [
          {
            key: "size",
            text: "must be 1 for a guest",
            holds: ({ account, size }) => account !== "guest" || size === 1,
          },
        ],
        ({ account, size }) => ({ device: { cloud: { account, size } } }),
      ),
      secrets: { TOKEN: text(/^t\w+$/, "a token").transform((token) => Buffer.from(token)) },
      reachedAt: () => "",
      securedBy: () => undefined,
      settings: {},
      explain: () => ({ text: "", isValid: true }),
      support: () => ({ versions: [], rows: [] }),
      tasks: () => [],
      open: () => assert.fail("not here"),
    };
    const cloud = (more: object = {}) => ({
      identification: "CLOUD00000000001",
      family: "cloud",
      protocol: { name: "PUSH", version: "3" },
      account: "me",
      ...more,
    });
    const parse = (...devices: object[]) => parseDeviceFile(JSON.stringify({ devices }), [...FAMILIES, clouds]);

    it("keeps what that family keeps, beside those of others", () => {
      const { devices } = parse(meterEntry(), cloud({ keys: { TOKEN: "t1" }, timezone: "UTC" }));
      assert.equal(devices[0]?.device.family, "dlms");
      assert.deepEqual(devices[1]?.device, {
        ...{ identification: "CLOUD00000000001", family: "cloud", protocol: { name: "PUSH", version: "3" } },
        ...{ timezone: "UTC", cloud: { account: "me", size: 1 }, model: undefined },
      });
      assert.deepEqual(devices[1]?.secrets, [{ type: "TOKEN", value: Buffer.from("t1") }]);
    });

    it("is checked with that family's rules, and refused for a family that nobody brings", () => {
      const message = (...devices: object[]) => {
        try {
          parse(...devices);
        } catch (error) {
          return (error as Error).message.split("\n");
        }
        return [];
      };
      assert.deepEqual(
        message(
          cloud({ account: "guest", size: 2 }),
          cloud({ protocol: { name: "SMR", version: "5.0.0" } }),
          cloud({ keys: { LLS_PASSWORD: "secret" } }),
          cloud({ host: "127.0.0.1" }),
          cloud({ family: "fog" }),
        ),
        [
          "devices[0].size: must be 1 for a guest",
          "devices[1].protocol: must be name and version of one of: PUSH 3",
          "devices[2].keys: unknown LLS_PASSWORD; allowed: TOKEN",
          "devices[3]: unknown host; allowed: identification, family, protocol, model, networkSegment, timezone, account, size, keys, " +
            "owner, authorisations",
          `devices[4].family: must be ${[...FAMILIES, clouds].map(({ name }) => JSON.stringify(name)).join(" or ")}`,
        ],
      );
    });
  });

  it("never shows a value of a wrong key", () => {
    const key = KEY.slice(0, 31);
    const found = problems(withDevice({ keys: { [UNICAST]: key, LLS_PASSWORD: "" } }));
    assert.deepEqual(found, [
      `devices[0].keys.${UNICAST}: must be 32 hexadecimal digits (16 octets)`,
      "devices[0].keys.LLS_PASSWORD: must be 1 to 64 printable ASCII characters",
    ]);
  });

  it("that is not JSON is refused with the line, and without what stands there", () => {
    const content = `{\n"devices": [\n{"keys": {"${UNICAST}": "${KEY}" oops}}`;
    assert.deepEqual(problems(content), ["the file is not JSON, from line 3 on"]);
    for (const other of [`"${KEY}`, `${KEY}`, ""]) assert.doesNotMatch(problems(other).join(), new RegExp(KEY));
  });

  it("names at most twenty problems and counts the rest", () => {
    const found = problems({ devices: Array.from({ length: 30 }, () => meterEntry({ port: 0 })) });
    assert.equal(found.length, 21);
    assert.equal(found[20], "and 10 more");
  });
});

describe("an import", () => {
  let parts: Parts;

  beforeEach(async () => {
    parts = await openParts();
  });

  afterEach(() => parts.close());

  const gasMeter = { identification: GAS_METER, protocol: { name: "SMR", version: "5.0.0" }, owner: "test-org" };
  const gateway = { device: METER, channel: 2 };
  const everything = {
    organisations: ORGANISATIONS,
    devices: [{ ...gasMeter, gateway }, meterEntry({ keys: { [UNICAST]: KEY }, invocationCounter: 7 })],
  };
  const active = async () => parts.vault.getActive(METER, UNICAST, READER);
  const counter = async () => new InvocationCounters(parts.store.devices).current(METER);

  it("adds organisations, devices and keys, a gateway also after its M-Bus device", async () => {
    assert.deepEqual(await parts.load(everything), {
      organisationsAdded: 2,
      devicesAdded: 2,
      devicesUpdated: 0,
      secretsStored: 1,
      secretsKept: 0,
    });
    assert.deepEqual(await active(), fromHex(KEY));
    assert.equal(await counter(), 7);
  });

  it("updates what is there, and keeps keys and counters that are further", async () => {
    await parts.load(everything);
    await new InvocationCounters(parts.store.devices).reserve(METER, 10);
    const changed = meterEntry({ host: "10.0.0.1", keys: { [UNICAST]: OTHER_KEY }, invocationCounter: 8 });
    assert.deepEqual(await parts.load({ organisations: ORGANISATIONS, devices: [changed] }), {
      organisationsAdded: 0,
      devicesAdded: 0,
      devicesUpdated: 1,
      secretsStored: 0,
      secretsKept: 1,
    });
    const device = (await new Inventory(parts.store.devices, parts.clock).find(METER)) as DlmsDevice | undefined;
    assert.equal(device?.dlms?.host, "10.0.0.1");
    assert.deepEqual(await active(), fromHex(KEY));
    assert.equal(await counter(), 17);
  });

  it("replaces keys when asked to; the counter goes on, so that no value comes twice under the same keys", async () => {
    await parts.load(everything);
    await new InvocationCounters(parts.store.devices).reserve(METER, 10);
    const before = await counter();
    const counts = await parts.load({ devices: [meterEntry({ keys: { [UNICAST]: OTHER_KEY } })] }, true);
    assert.deepEqual([counts.secretsStored, counts.secretsKept], [1, 0]);
    assert.deepEqual(await active(), fromHex(OTHER_KEY));
    assert.equal(await counter(), before);
  });

  it("replaces the rights of a device by those of the file", async () => {
    await parts.load(everything);
    await parts.load({ devices: [meterEntry({ owner: "other-org" })] });
    const rows = await new Inventory(parts.store.devices, parts.clock).list({ offset: 0, limit: 1 });
    const [row] = readableRows(rows);
    assert.deepEqual(row?.authorisations, [{ organisation: "other-org", functionGroup: "OWNER" }]);
  });

  it("refuses references to what is nowhere, and then changes nothing", async () => {
    const missing = "MISSING000000000";
    await assert.rejects(
      parts.load({
        organisations: [{ identification: "other-org" }],
        devices: [meterEntry(), { ...gasMeter, owner: "other-org", gateway: { device: missing, channel: 1 } }],
      }),
      {
        code: "VALIDATION_ERROR",
        message:
          "devices[0]: organisation test-org is neither in the file nor registered\n" +
          `devices[1].gateway.device: ${missing} is neither in the file nor registered`,
      },
    );
    const inventory = new Inventory(parts.store.devices, parts.clock);
    assert.equal(await inventory.count(), 0);
    assert.equal(await parts.store.organisations.find("other-org"), undefined);
  });

  it("takes references to what an earlier import added", async () => {
    await parts.load({ organisations: ORGANISATIONS, devices: [meterEntry()] });
    await parts.load({ devices: [{ ...gasMeter, gateway }] });
    assert.equal(await new Inventory(parts.store.devices, parts.clock).count(), 2);
  });

  it("keeps nothing of a file when the database fails on the way", async () => {
    await parts.load({ organisations: ORGANISATIONS });
    parts.store.sql.run(`create trigger full before insert on secret
      begin select raise(abort, 'disk full'); end`);
    const { store, vault, clock } = parts;
    const content = JSON.stringify(everything);
    await assert.rejects(importDevices(content, { families: FAMILIES, store, vault, clock, replaceKeys: false }), {
      code: "SERVICE_BUSY",
    });
    assert.equal(await new Inventory(parts.store.devices, parts.clock).count(), 0);
  });

  it("commits a hundred devices at a time, so that others write in between and what came before a failure stays", async () => {
    const devices = Array.from({ length: 250 }, (_, i) =>
      meterEntry({ identification: `TEST1${String(i).padStart(12, "0")}` }),
    );
    parts.store.sql.run(`create trigger full before insert on device when new.identification = 'TEST1000000000220'
      begin select raise(abort, 'disk full'); end`);
    const file = { organisations: ORGANISATIONS, devices };
    await assert.rejects(parts.load(file), { code: "SERVICE_BUSY" });
    assert.equal(await new Inventory(parts.store.devices, parts.clock).count(), 200);
    parts.store.sql.run("drop trigger full");
    const { devicesAdded, devicesUpdated } = await parts.load(file);
    assert.deepEqual([devicesAdded, devicesUpdated], [50, 200]);
  });

  it("takes the example of the manual", async () => {
    const manual = readFileSync(new URL("../../docs/devices.md", import.meta.url), "utf8");
    const example = manual.match(/```json\n([\s\S]*?)```/)?.[1] ?? "";
    assert.equal((await parts.load(JSON.parse(example))).devicesAdded, 2);
  });

  it("takes a thousand devices", async () => {
    const devices = Array.from({ length: 1000 }, (_, i) =>
      meterEntry({ identification: `TEST1${String(i).padStart(12, "0")}`, keys: { [UNICAST]: KEY } }),
    );
    const counts = await parts.load({ organisations: ORGANISATIONS, devices });
    assert.deepEqual([counts.devicesAdded, counts.secretsStored], [1000, 1000]);
    const again = await parts.load({ organisations: ORGANISATIONS, devices });
    assert.deepEqual([again.devicesUpdated, again.secretsKept], [1000, 1000]);
  });
});
