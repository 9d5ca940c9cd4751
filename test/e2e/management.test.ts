import assert from "node:assert/strict";
import { type Answered, leaf } from "../../src/cli/erp-client.ts";
import { logFollow } from "../../src/cli/log-follow.ts";
import { Inventory } from "../../src/devices/inventory.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { mbusOf } from "../../src/operations/mbus.ts";
import type { Behaviour } from "../../src/simulators/dlms/behaviour.ts";
import { run, sample, type World } from "./harness.ts";
import { all, envelope, management } from "./matrix-case.ts";
import { VERSIONS } from "./matrix-expectations.ts";
import { startMatrixWorld } from "./matrix-world.ts";

const METER = "TEST1051000000001";
const GAS = "TESTG105100000001";

describe("the management service", () => {
  let world: World;
  before(async () => {
    world = await startMatrixWorld({ METERGATE_RETRY_DELAY_MS: "1" });
  });
  after(() => world.stop());

  const ask = (operation: string, device: string, content = "") =>
    run(world.client, management(operation, device, content));
  const refused = async (document: Uint8Array<ArrayBuffer>): Promise<string> => {
    const sent = await world.client.send(document);
    assert.ok("fault" in sent, "accepted");
    return `${leaf(sent.fault, "Code")} ${leaf(sent.fault, "InnerMessage")}`;
  };
  const messagesOf = async (device: string, page = 0) => {
    const answer = await ask("FindMessageLogs", device, `<m:Page>${page}</m:Page>`);
    return answer.element === "Fault" ? [] : all(answer, "DecodedMessage");
  };
  const gsm = "<m:GetGsmDiagnosticRequestData/>";

  it("keeps each APDU of a device while it is debugged, with step and correlation UID", async () => {
    await ask("GetGsmDiagnostic", METER, gsm);
    assert.deepEqual(await messagesOf(METER), []);
    await ask("EnableDebugging", METER);
    const sent = await world.client.send(management("GetGsmDiagnostic", METER, gsm));
    assert.ok("correlationUid" in sent);
    await world.client.waitForResult(sent, 60_000);
    const kept = (await messagesOf(METER)).reverse();
    for (const text of kept) assert.ok(text.includes(sent.correlationUid), text);
    const steps = [...new Set(kept.map((text) => text.split(",")[0]))];
    assert.deepEqual(steps.slice(0, 2), ["association", "GetGsmDiagnostic"]);
    assert.match(kept[0]!, /: aarq /);
    assert.ok(kept.some((text) => /get-request-\S+ .*47\/0\.0\.25\.6\.0\.255\/2/.test(text)));
    assert.ok(kept.some((text) => /get-response-\S+ .*octet-string 4B504E204E4C/.test(text)));
    await ask("DisableDebugging", METER);
    const before = await messagesOf(METER);
    await ask("GetGsmDiagnostic", METER, gsm);
    assert.deepEqual(await messagesOf(METER), before);
  });

  it("keeps what could not be deciphered as it came, and says that it is not valid", async () => {
    const device = "TEST1043000000001";
    await ask("EnableDebugging", device);
    const tampered: Behaviour = {
      name: "tampers",
      answer: (answer, { number }) => (number > 2 ? { answer: answer.with(-1, answer.at(-1)! ^ 1) } : undefined),
    };
    world.meter(device).behaviours.add(tampered);
    assert.equal((await ask("GetGsmDiagnostic", device, gsm)).element, "Fault");
    world.meter(device).behaviours.clear();
    await ask("DisableDebugging", device);
    const messages = await ask("FindMessageLogs", device, "<m:Page>0</m:Page>");
    const faulty = all(messages, "Valid").indexOf("false");
    assert.match(all(messages, "DecodedMessage")[faulty] ?? "", /^GetGsmDiagnostic, .*: ciphered CC$/);
    assert.equal(all(messages, "Incoming")[faulty], "true");
  });

  it("gives the messages in pages of 30, the newest first, and says when there is no such page", async () => {
    const device = "TEST1052000000001";
    await ask("EnableDebugging", device);
    for (let i = 0; i < 4; i++) await ask("GetGsmDiagnostic", device, gsm);
    await ask("DisableDebugging", device);
    const count = await world.service.store.messageLog.countOfDevice(device);
    assert.ok(count > 30 && count <= 60, String(count));
    const first = await ask("FindMessageLogs", device, "<m:Page>0</m:Page>");
    assert.equal(leaf(first, "TotalPages"), "2");
    const times = [
      ...all(first, "Timestamp"),
      ...all(await ask("FindMessageLogs", device, "<m:Page>1</m:Page>"), "Timestamp"),
    ];
    assert.equal(times.length, count);
    assert.deepEqual(times, [...times].sort().reverse());
    const beyond = await ask("FindMessageLogs", device, "<m:Page>2</m:Page>");
    assert.equal(leaf(beyond, "InnerMessage"), `There is no page 2 of messages of ${device}: there are 2`);
    assert.match(await refused(management("FindMessageLogs", device, "<m:Page>-1</m:Page>")), /^401 Page must be 0 to/);
  });

  it("shows the messages of one device to an operator who follows the log", async () => {
    const device = "TEST1055000000001";
    await ask("EnableDebugging", device);
    const lines: string[] = [];
    let heard = () => {};
    const answered = new Promise<void>((resolve) => {
      heard = resolve;
    });
    let stop = () => {};
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    const print = (line: string) => {
      lines.push(line);
      if (/device <.*GetGsmDiagnostic.*get-response/.test(line)) heard();
    };
    const following = logFollow({ config: () => world.config, print }, { device }, stopped);
    await ask("GetGsmDiagnostic", device, gsm);
    await ask("GetGsmDiagnostic", METER, gsm);
    await answered;
    stop();
    await following;
    await ask("DisableDebugging", device);
    assert.ok(lines.some((line) => /device >.*association.*aarq/.test(line)));
    assert.deepEqual(
      lines.filter((line) => !line.includes(device)),
      [],
    );
  });

  it("refuses at once what a version does not have, and what is not for M-Bus devices", async () => {
    const query = (log: string, from: string, until: string) =>
      `<m:FindEventsRequestData><m:EventLogCategory>${log}</m:EventLogCategory><m:From>${from}</m:From>` +
      `<m:Until>${until}</m:Until></m:FindEventsRequestData>`;
    const year = ["2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"] as const;
    const before = await world.service.store.requests.listUnfinished(1000);
    for (const { version, meter, gasMeter } of VERSIONS) {
      const events = (device: string, log: string) => refused(management("FindEvents", device, query(log, ...year)));
      if (!/SMR 5\.[25]/.test(version)) {
        assert.equal(
          await events(meter, "POWER_QUALITY_THD_EVENT_LOG"),
          `416 No address found for POWER_QUALITY_THD_EVENT_LOG in protocol ${version}`,
        );
      }
      assert.equal(await events(gasMeter, "STANDARD_EVENT_LOG"), "416 FindEvents is not offered for M-Bus devices");
      for (const [operation, content] of [
        ["GetGsmDiagnostic", gsm],
        ["ClearMBusStatusOnAllChannels", "<m:ClearMBusStatusOnAllChannelsRequestData/>"],
      ] as const) {
        const reason = await refused(management(operation, gasMeter, content));
        assert.equal(reason, `416 ${operation} is not offered for M-Bus devices`);
      }
      const settings = sample("SetDeviceCommunicationSettings", ["TEST1052000000001", gasMeter]);
      assert.match(await refused(settings), /^416 .* is not offered for M-Bus devices$/);
      const status = sample("SetDeviceLifecycleStatusByChannel", ["TEST1027000000001", gasMeter]);
      assert.match(await refused(status), /^416 .* is not offered for M-Bus devices$/);
    }
    assert.match(
      await refused(management("FindEvents", METER, query("STANDARD_EVENT_LOG", year[1], year[0]))),
      /^401 From must be before Until; for STANDARD_EVENT_LOG they are 2027-01-01T00:00:00\.000Z and/,
    );
    assert.deepEqual(await world.service.store.requests.listUnfinished(1000), before);
  });

  it("debugs and renames the protocol of M-Bus devices of every version", async () => {
    const record = async (device: string) => (await world.service.store.devices.find(device))!.device;
    for (const { gasMeter } of VERSIONS) {
      const before = await record(gasMeter);
      await ask("EnableDebugging", gasMeter);
      assert.equal((await record(gasMeter)).debugging, true);
      await ask("DisableDebugging", gasMeter);
      assert.deepEqual(await record(gasMeter), { ...before, debugging: false });
      const { name, version } = before.protocol;
      const protocol = `<m:UpdateProtocolData><m:Protocol>${name}</m:Protocol><m:ProtocolVersion>${version}</m:ProtocolVersion></m:UpdateProtocolData>`;
      assert.equal(leaf(await ask("UpdateProtocol", gasMeter, protocol), "Result"), "OK");
    }
  });

  it("keeps what an M-Bus device says through its meter under the device that is debugged", async () => {
    await ask("EnableDebugging", GAS);
    await run(world.client, sample("GetFirmwareVersionGas", ["TESTG102700000001", GAS]));
    await ask("DisableDebugging", GAS);
    assert.ok((await messagesOf(GAS)).some((text) => text.startsWith("GetFirmwareVersionGas, ")));
  });

  it("says which protocols there are when another is named", async () => {
    const before = (await world.service.store.devices.find(METER))!.device;
    const named = (version: string, variant = "") =>
      `<m:UpdateProtocolData><m:Protocol>SMR</m:Protocol><m:ProtocolVersion>${version}</m:ProtocolVersion>${variant}</m:UpdateProtocolData>`;
    const reason = (answer: Answered) => `${leaf(answer, "Code")} ${leaf(answer, "InnerMessage")}`;
    assert.match(
      reason(await ask("UpdateProtocol", METER, named("6.0"))),
      /^206 There is no protocol SMR 6\.0; there are: DSMR 2\.2, /,
    );
    const variant = "<m:ProtocolVariant>CDMA</m:ProtocolVariant>";
    assert.match(
      reason(await ask("UpdateProtocol", METER, named("5.1", variant))),
      /^206 There is no protocol SMR 5\.1 CDMA/,
    );
    assert.deepEqual((await world.service.store.devices.find(METER))!.device, before);
  });

  it("refuses communication settings that do not go together, and changes nothing then", async () => {
    const settings = (...changes: [string, string][]) =>
      sample("SetDeviceCommunicationSettings", ["TEST1052000000001", METER], ...changes);
    const before = (await world.service.store.devices.find(METER))!.device;
    assert.match(await refused(settings([">16<", ">7<"])), /^401 ChallengeLength must be 8 to 64, not 7/);
    assert.match(await refused(settings([">32<", ">256<"])), /^401 WithListMax must be 0 to 255, not 256/);
    const answer = await run(world.client, settings(["<sm:UseSn>false", "<sm:UseSn>true"]));
    assert.match(leaf(answer, "InnerMessage") ?? "", /asks for HLS 5, which does not go together with short names/);
    assert.deepEqual((await world.service.store.devices.find(METER))!.device, before);
  });

  it("sets the status of none but a known device that is on the channel", async () => {
    const status = (channel: number) =>
      sample("SetDeviceLifecycleStatusByChannel", ["TEST1027000000001", METER], [">1<", `>${channel}<`]);
    const empty = await run(world.client, status(4));
    assert.equal(`${leaf(empty, "Code")} ${leaf(empty, "InnerMessage")}`, `219 No device is on channel 4 of ${METER}`);
    const device = world.meter(METER).meter.description.mbusDevices.get(1)!;
    const { store } = world.service;
    const inventory = new Inventory(store.devices, systemClock);
    const stranger = await store.devices.find(GAS);
    assert.equal(mbusOf(stranger!.device)?.identificationNumber, device.identificationNumber);
    await inventory.change(GAS, (known) => ({ ...known, lifecycleStatus: "REGISTERED" }));
    const set = await run(world.client, status(1));
    assert.equal(leaf(set, "MbusDeviceIdentification"), GAS);
    assert.equal((await store.devices.find(GAS))?.device.lifecycleStatus, "IN_USE");
  });

  it("lists the devices of the organisation that asks, in pages", async () => {
    const list = (page: number) =>
      world.client.ask(envelope(`<m:GetDevicesRequest><m:Page>${page}</m:Page></m:GetDevicesRequest>`));
    const count = await world.service.store.devices.count("test-org");
    const first = await list(0);
    assert.equal(leaf(first, "TotalPages"), String(Math.ceil(count / 30)));
    const names = all(first, "DeviceIdentification");
    assert.deepEqual(names, [...names].sort());
    assert.equal(names.length, Math.min(count, 30));
    const types = all(first, "DeviceType");
    assert.equal(types[names.indexOf(METER)], "SMART_METER_E");
    assert.equal(types[names.indexOf(GAS)], "SMART_METER_G");
    const beyond = await list(99);
    assert.match(leaf(beyond, "InnerMessage") ?? "", /^There is no page 99 of devices: there are 1, counted from 0$/);
  });

  it("leaves operators nothing to complain of", () => assert.deepEqual(world.complaints, []));
});
