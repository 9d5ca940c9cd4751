import assert from "node:assert/strict";
import { cosem } from "../../../../src/dlms/data.ts";
import { parseObis } from "../../../../src/lib/obis.ts";
import type { PowerQualityProfileRequest } from "../../../../src/operations/monitoring/get-power-quality-profile.ts";
import { type Running, refuseGet, refuseSet, startMeter } from "./running.ts";

const POLYPHASE = { address: { withListMax: 20, polyphase: true } };
const RANGE = { beginMs: Date.UTC(2026, 6, 15, 8), endMs: Date.UTC(2026, 6, 15, 9) };
const column = (logicalName: string) => ({
  classId: 3,
  logicalName: parseObis(logicalName),
  attribute: 2,
  dataIndex: 0,
});

describe("monitoring operations on a meter", () => {
  let meter: Running;
  afterEach(() => meter.close());

  it("ClearAlarmRegister says which register the meter does not let be cleared, and goes no further", async () => {
    meter = await startMeter("SMR 5.5", refuseSet("1/0.0.97.98.1.255/2"));
    for (const e of [0, 1, 2]) meter.meter.write(1, parseObis(`0.0.97.98.${e}.255`), 2, cosem.doubleLongUnsigned(3));
    assert.equal(
      await meter.run("ClearAlarmRegister", {}),
      "DEVICE_REFUSED: AccessResultCode for clear alarm register ALARM_REGISTER_2 was not SUCCESS: READ_WRITE_DENIED",
    );
    const registers = [0, 1, 2].map((e) => meter.value(1, `0.0.97.98.${e}.255`, 2));
    assert.deepEqual(
      registers,
      [0, 3, 3].map((bits) => cosem.doubleLongUnsigned(bits)),
    );
  });

  it("a buffer that makes no sense ends its own action, and the association goes on", async () => {
    const nonsense = cosem.array(Array.from({ length: 400 }, () => cosem.octetString(new Uint8Array(9))));
    for (const data of [cosem.octetString(new Uint8Array(5_000)), nonsense]) {
      meter = await startMeter("SMR 5.2", (request) =>
        request.type === "get" && request.attributes.some((one) => one.classId === 7 && one.attribute === 2)
          ? { type: "get", results: [{ data }] }
          : undefined,
      );
      const outcomes = await meter.outcomes([
        { operation: "GetPeriodicMeterReads", request: { periodType: "INTERVAL", ...RANGE } },
        { operation: "ReadAlarmRegister", request: {} },
      ]);
      assert.deepEqual(
        outcomes.map((outcome) => (outcome?.ok ? "ok" : outcome?.error.code)),
        ["ILLEGAL_RESPONSE", "ok"],
      );
      if (data !== nonsense) await meter.close();
    }
  });

  it("GetActualMeterReads asks for clock and registers in one list", async () => {
    meter = await startMeter("SMR 5.1", undefined, POLYPHASE);
    const result = await meter.run("GetActualMeterReads", {});
    assert.ok(typeof result !== "string", String(result));
    assert.deepEqual(result.energy.import, { value: "12345678", unit: "Wh" });
    assert.deepEqual(result.time, { epochMs: Date.UTC(2026, 6, 15, 10), deviationMinutes: -120, clockStatus: 0x80 });
    assert.equal(meter.served.requests.length, 1);
  });

  it("GetActualMeterReads fails when a register is refused", async () => {
    meter = await startMeter("SMR 5.1", refuseGet("3/1.0.2.8.2.255/2"));
    assert.match(
      String(await meter.run("GetActualMeterReads", {})),
      /^ERROR_RETRIEVING_ATTRIBUTE_VALUE: .*1\.0\.2\.8\.2/,
    );
  });

  it("GetActualMeterReadsGas takes the scale from a model that is known, and otherwise from the meter", async () => {
    meter = await startMeter("SMR 4.3");
    const behind = (model?: string) => ({
      ...meter.device,
      dlms: undefined,
      gateway: { device: meter.device.identification, channel: 1 },
      mbus: { identificationNumber: "12056731", manufacturerIdentification: "LGB", version: 66, deviceType: 3 },
      model,
    });
    for (const [model, value, requests] of [
      ["BK-G10", "12345.67", 3],
      [undefined, "1234.567", 4],
    ] as const) {
      meter.meter.write(4, parseObis("0.1.24.2.1.255"), 2, cosem.doubleLongUnsigned(1_234_567));
      meter.served.requests.length = 0;
      const result = await meter.run("GetActualMeterReadsGas", {}, { target: behind(model) });
      assert.ok(typeof result !== "string", String(result));
      assert.deepEqual(result.consumption, { value, unit: "m³" });
      assert.equal(meter.served.requests.length, requests);
    }
  });

  it("ActualPowerQuality reads one phase of a meter that is not said to have three, and the scale that none fixes", async () => {
    meter = await startMeter("DSMR 4.2.2", undefined, { address: { withListMax: 20 } });
    const result = await meter.run("ActualPowerQuality", { profileType: "PUBLIC" });
    assert.ok(typeof result !== "string", String(result));
    assert.equal(result.values.length, 6);
    const voltage = result.values.find(({ name }) => name === "INSTANTANEOUS_VOLTAGE_L1");
    assert.deepEqual(voltage, { name: "INSTANTANEOUS_VOLTAGE_L1", unit: "V", isCount: false, value: "230" });
    assert.ok(meter.asked.includes("get 3/1.0.32.7.0.255/3"));
  });

  it("GetThdFingerprint reads one phase of a meter that is not said to have three", async () => {
    meter = await startMeter("SMR 5.2", undefined, { address: { withListMax: 20 } });
    const result = await meter.run("GetThdFingerprint", {});
    assert.ok(typeof result !== "string", String(result));
    assert.equal(result.phases.length, 1);
    assert.deepEqual(result.phases[0]!.fingerprint, [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  const profile = (request: Partial<PowerQualityProfileRequest> = {}) =>
    meter.run("GetPowerQualityProfile", { profileType: "PUBLIC", ...RANGE, ...request });

  it("GetPowerQualityProfile reads the profiles that capture such values, each with its own period", async () => {
    meter = await startMeter("SMR 5.2", undefined, POLYPHASE);
    const result = await profile();
    assert.ok(typeof result !== "string", String(result));
    assert.deepEqual(
      result.profiles.map((one) => [one.profile, one.columns.length, one.entries.length]),
      [
        ["0.1.94.31.6.255", 3, 5],
        ["1.0.99.1.2.255", 3, 7],
      ],
    );
    assert.match(result.profiles[0]!.entries[0]!.values[0]!, /^2[23]\d\.\d$/);
    const powers = await profile({ profileType: "PRIVATE" });
    assert.ok(typeof powers !== "string", String(powers));
    assert.deepEqual(
      powers.profiles.map((one) => [one.profile, one.columns[0]!.unit]),
      [["1.0.99.1.1.255", "W"]],
    );
  });

  it("GetPowerQualityProfile gives what was selected alone, and one profile without entries for what none captures", async () => {
    meter = await startMeter("SMR 5.2", undefined, POLYPHASE);
    const one = await profile({ selected: [column("1.0.52.24.0.255")] });
    assert.ok(typeof one !== "string", String(one));
    assert.deepEqual(
      one.profiles.map(({ columns }) => columns.map(({ logicalName }) => logicalName)),
      [["1.0.52.24.0.255"], ["1.0.52.24.0.255"]],
    );
    const none = await profile({ selected: [column("1.0.1.8.0.255")] });
    assert.ok(typeof none !== "string", String(none));
    assert.deepEqual(none.profiles, [{ profile: "0.1.94.31.6.255", columns: [], entries: [] }]);
  });

  it("GetPowerQualityProfile says what to do when three profiles hold such values", async () => {
    meter = await startMeter("SMR 5.2", undefined, POLYPHASE);
    meter.meter.write(7, parseObis("1.0.99.1.1.255"), 3, meter.value(7, "1.0.99.1.2.255", 3));
    assert.match(String(await profile()), /^VALIDATION_ERROR: .*has room for 2 profiles: name SelectedValues$/);
  });
});
