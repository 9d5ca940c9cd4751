import assert from "node:assert/strict";
import * as soap from "soap";
import { leaf } from "../../../src/cli/erp-client.ts";
import { hashOf } from "../../../src/simulators/egauge/state.ts";
import { result, run, sample } from "../../e2e/harness.ts";
import { all } from "../../e2e/matrix-case.ts";
import { document, type EgaugeWorld, METER, startEgaugeWorld } from "./world.ts";

describe("eGauge meters behind the whole service", () => {
  let world: EgaugeWorld;
  before(async () => {
    world = await startEgaugeWorld({ METERGATE_MAX_RETRIES: "0" });
  });
  after(() => world.stop());

  /** A document of the public contract, for the meter, with the contents of some elements replaced. */
  const forMeter = (name: string, contents: Readonly<Record<string, string>> = {}) => {
    let text = Buffer.from(sample(name)).toString();
    for (const [element, content] of Object.entries({ DeviceIdentification: METER, ...contents })) {
      const pattern = new RegExp(`(<(?:\\w+:)?${element}>)[^<]*`, "g");
      assert.match(text, pattern);
      text = text.replaceAll(pattern, (_, tag: string) => tag + content);
    }
    return new Uint8Array(Buffer.from(text));
  };
  const generic = (...asked: Parameters<typeof forMeter>) => run(world.client, forMeter(...asked));

  it("get the time, from their time servers or from us", async () => {
    world.egauge.behave({ kind: "clock-ahead", ms: 3_600_000 });
    assert.equal(leaf(await generic("SynchronizeTime"), "Result"), "OK");
    assert.equal(world.egauge.state.clockAheadMs, 0);
    world.egauge.state.ntpServer = "";
    world.egauge.behave({ kind: "clock-ahead", ms: 3_600_000 });
    assert.equal(leaf(await generic("SynchronizeTime"), "Result"), "OK");
    assert.ok(Math.abs(world.egauge.state.clockAheadMs) < 60_000);
  });

  it("tell their versions, and the inventory keeps them", async () => {
    const answer = await generic("GetFirmwareVersion");
    assert.deepEqual(all(answer, "Version"), ["4.6.1", "5.10.17"], answer.xml);
  });

  it("tell what they count, in kilowatt-hours", async () => {
    const answer = await generic("GetActualMeterReads");
    const kwh = Number(world.egauge.registers.counterOf("Grid+")) / 3_600_000;
    assert.ok(Math.abs(Number(leaf(answer, "ActiveEnergyImport")) - kwh) < 1, answer.xml);
    assert.equal(leaf(answer, "ActiveEnergyImportTariffOne"), leaf(answer, "ActiveEnergyImport"));
    assert.equal(Number(leaf(answer, "ActiveEnergyExportTariffTwo")), 0);
  });

  it("tell what they counted at midnights of their time zone", async () => {
    const begin = new Date(world.egauge.state.timeMs - 3 * 86_400_000).toISOString();
    const end = new Date(world.egauge.state.timeMs).toISOString();
    const answer = await generic("GetPeriodicMeterReads.daily", { BeginDate: begin, EndDate: end });
    const times = all(answer, "LogTime");
    assert.equal(times.length, 3, answer.xml);
    for (const time of times) {
      const shown = new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Amsterdam", timeStyle: "medium" });
      assert.equal(shown.format(Date.parse(time)), "00:00:00");
    }
    const values = all(answer, "ActiveEnergyImport").map(Number);
    assert.ok(values[2]! > values[1]! && values[1]! > values[0]!, answer.xml);
  });

  it("get a time zone, as they write it", async () => {
    const answer = await generic("SetClockConfiguration");
    assert.equal(leaf(answer, "Result"), "OK", answer.xml);
    assert.equal(world.egauge.state.zone, "STD-1DST,M3.5.0/2,M10.5.0/3");
    assert.ok(world.egauge.alerts.waiting.includes("cfgchg"));
  });

  it("tell what they measure of the grid, or behind them", async () => {
    const grid = await generic("ActualPowerQuality", { ProfileType: "PUBLIC" });
    assert.deepEqual(all(grid, "Name"), ["CLOCK", "L1 Voltage", "Frequency"], grid.xml);
    assert.deepEqual(all(grid, "unit"), ["UNDEFINED", "V", "HERTZ"]);
    assert.deepEqual(all(grid, "FloatValue"), ["230.4", "49.998"]);
    const house = await generic("ActualPowerQuality");
    assert.ok(all(house, "unit").every((unit, i) => i === 0 || unit === "W") && all(house, "unit").length > 3);
  });

  for (const [what, name, contents] of [
    ["what they do not offer", "GetAdministrativeStatus", {}],
    ["a log that they do not have", "FindEvents", {}],
    [
      "a time zone that they have no words for",
      "SetClockConfiguration",
      { DaylightSavingsEnd: "FFFF0AFD0703000000FF8880" },
    ],
  ] as const) {
    it(`refuse at once ${what}`, async () => {
      const sent = await world.client.send(forMeter(name, contents));
      assert.ok("fault" in sent);
      assert.equal(leaf(sent.fault, "Code"), "416");
    });
  }

  it("get a new password that nobody knows, and then one that a caller sealed", async () => {
    const before = world.egauge.state.users.get("owner")!;
    assert.equal(leaf(await generic("GenerateAndReplaceKeys"), "Result"), "OK");
    const { hash, privileges } = world.egauge.state.users.get("owner")!;
    assert.notEqual(hash, before.hash);
    assert.deepEqual(privileges, before.privileges);
    const key = "0f".repeat(16);
    const seal = () => world.seal(Buffer.from(key, "hex").toString());
    const answer = await generic("ReplaceKeys", { AuthenticationKey: seal(), EncryptionKey: seal() });
    assert.equal(leaf(answer, "Result"), "OK", answer.xml);
    assert.equal(world.egauge.state.users.get("owner")!.hash, hashOf("owner", key));
    assert.notEqual((await run(world.client, document("ReadRegisters"))).element, "Fault");
  });

  it("install the version that UpdateFirmware names, and nothing that is no version", async () => {
    const none = await generic("UpdateFirmware");
    assert.equal(leaf(none, "Code"), "701", none.xml);
    const answer = await generic("UpdateFirmware", { FirmwareIdentification: "4.7.2" });
    assert.equal(leaf(answer, "Result"), "OK", answer.xml);
    assert.equal(world.egauge.state.firmware, "4.7.2");
  });

  it("end a command when the request that asked for it is named", async () => {
    world.egauge.behave({ kind: "slow-operations", times: 10_000 });
    const address = "<$:Address>a@b.example</$:Address>";
    const mail = await world.client.send(document("TestEmail", address));
    assert.ok(!("fault" in mail));
    while (!world.egauge.executed.includes("test-email")) await new Promise((resolve) => setTimeout(resolve, 10));
    const uid = `<$:CommandCorrelationUid>${mail.correlationUid}</$:CommandCorrelationUid>`;
    const cancelled = await run(world.client, document("CancelCommand", uid));
    assert.equal(leaf(cancelled, "Result"), "OK", cancelled.xml);
    const ended = await result(world.client, mail);
    assert.match(leaf(ended, "InnerMessage") ?? "", /^the command failed: CANCELLED$/);
    world.egauge.behaveWell();
  });

  it("are commanded by a client that node-soap made from the served WSDL", async () => {
    const client = await soap.createClientAsync(`${world.service.baseUrl}/metergate/egaugeCommandsService/?wsdl`);
    for (const name of ["OrganisationIdentification", "UserName", "ApplicationName"]) {
      const common = "http://www.opensmartgridplatform.org/schemas/common/2014/10";
      client.addSoapHeader({ [`c:${name}`]: "test-org" }, "", "c", common);
    }
    /** Asks, and fetches until there is a result. */
    const call = async (operation: string, content: object = {}) => {
      const methods = client as unknown as Record<string, (content: object) => Promise<[Record<string, unknown>]>>;
      const [asked] = await methods[`${operation}Async`]!({ DeviceIdentification: METER, ...content });
      for (;;) {
        try {
          return (await methods[`Get${operation}ResponseAsync`]!(asked))[0];
        } catch (error) {
          if (!/<com:Code>405</.test((error as { body?: string }).body ?? "")) throw error;
        }
      }
    };
    const { Register, MeterTime } = await call("ReadRegisters", { RegisterName: ["Grid", "Usage"] });
    assert.deepEqual(
      (Register as { Name: string }[]).map(({ Name }) => Name),
      ["Grid", "Usage"],
    );
    assert.ok(MeterTime instanceof Date);
    assert.equal((await call("ClearData", { Data: "EXCESS" })).Result, "OK");
    assert.equal((await call("UpdateSoftware", { Action: "LIST", Target: "KERNEL" })).MinimumVersion, "4.4");
    assert.match(String((await call("TestEmail", { Address: "a@b.example" })).Log), /delivered$/);
    assert.equal((await call("ConfigureWlan", { Action: "SELECT", NetworkId: 0 })).Result, "OK");
  });

  it("leave no secret in the message log, and operators nothing to complain of", async () => {
    const secrets = ["power line 7", "KEY-ON-THE-LABEL", "mail-secret"];
    const target =
      `<$:Target><$:MacAddress>01:23:45:67:89:ab</$:MacAddress><$:EncryptionKey>${world.seal(secrets[1]!)}` +
      "</$:EncryptionKey></$:Target>";
    const sealed = world.seal(secrets[0]!);
    await run(world.client, document("SetHomeplugPassword", `<$:Password>${sealed}</$:Password>${target}`));
    assert.equal(world.egauge.state.homeplug?.password, secrets[0]);
    const entries = await world.service.store.messageLog.read(1, 10_000);
    const bodies = entries.map((entry) =>
      JSON.stringify(entry, (_, value) => (value?.type === "Buffer" ? Buffer.from(value.data).toString() : value)),
    );
    assert.ok(bodies.some((body) => body.includes("SetHomeplugPassword")));
    for (const body of bodies) for (const secret of [...secrets, sealed]) assert.ok(!body.includes(secret));
    assert.deepEqual(world.complaints, []);
  });
});

describe("dangerous commands of eGauge meters", () => {
  let world: EgaugeWorld;
  before(async () => {
    world = await startEgaugeWorld({}, { authorised: false });
  });
  after(() => world.stop());

  const DANGEROUS: readonly [string, string][] = [
    ["FactoryRestore", ""],
    ["MaintainDatabase", "<$:Action>ZERO</$:Action>"],
    ["MaintainDatabase", "<$:Action>RESTORE</$:Action><$:Data>00</$:Data>"],
    ["UpdateSoftware", "<$:Action>INSTALL</$:Action><$:Target>FIRMWARE</$:Target>"],
    ["Reboot", "<$:AllowAddressChange>true</$:AllowAddressChange>"],
  ];
  for (const [operation, content] of DANGEROUS) {
    it(`are refused to an owner without a right to them: ${operation} ${content.replace(/<[^>]+>/g, " ")}`, async () => {
      const sent = await world.client.send(document(operation, content));
      assert.ok("fault" in sent);
      assert.equal(leaf(sent.fault, "Code"), "301");
      assert.deepEqual(world.egauge.executed, []);
    });
  }

  it("are not those that lose nothing", async () => {
    const list = "<$:Action>LIST</$:Action><$:Target>FIRMWARE</$:Target>";
    assert.equal(leaf(await run(world.client, document("UpdateSoftware", list)), "NewestVersion"), "4.7.2");
    assert.equal(leaf(await run(world.client, document("Reboot")), "Result"), "OK");
    const split = "<$:Action>SPLIT</$:Action>";
    assert.equal(leaf(await run(world.client, document("MaintainDatabase", split)), "Result"), "OK");
  });
});
