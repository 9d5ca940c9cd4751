import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { JsonStream } from "../../../src/adapters/ekm/codec/json-stream.ts";
import { decodeReadings, relaysOf } from "../../../src/adapters/ekm/codec/readings.ts";
import { decodeAnswer, decodeHandedOn } from "../../../src/adapters/ekm/codec/send-command.ts";
import { decodeTariffMonths, decodeTariffTables } from "../../../src/adapters/ekm/codec/tariff-tables.ts";
import { typedReading } from "../../../src/adapters/ekm/codec/typed-reading.ts";
import { MetergateError } from "../../../src/domain/errors.ts";
import { OPERATIONS } from "../../../src/operations/index.ts";
import { character } from "../../characters.ts";
import { KEY, MemoryWorld } from "./in-memory.ts";

interface Vector {
  readonly source: string;
  readonly operation: string;
  readonly request: object;
  readonly command: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

const VECTORS = JSON.parse(
  readFileSync(new URL("../../vectors/ekm-commands.json", import.meta.url), "utf8"),
) as Vector[];

describe("the commands of the vendor's page", () => {
  for (const { source, operation, request, command, params } of VECTORS) {
    it(`${operation} is written as it is there, and executed by a meter that takes it literally (${source})`, async () => {
      const world = new MemoryWorld();
      const bodies: Record<string, unknown>[] = [];
      const { request: post } = world.transport.http;
      Object.assign(world.transport.http, {
        request: (each: Parameters<typeof post>[0]) => {
          if (each.method === "POST") bodies.push(JSON.parse(String(each.body)));
          return post(each);
        },
      });
      assert.ok(world.cloud.behaviour.isStrict);
      const asked = world.request(world.meters[0]!, operation, request);
      await world.until(asked.run());
      assert.ok(asked.outcome?.ok, JSON.stringify(asked.outcome));
      const { client, response_channel_id: channel, ...body } = bodies[0]!;
      assert.match(String(client), /^metergate/);
      assert.match(String(channel), /^metergate_[\w-]{24}$/);
      const withPassword = params && { ...params, meter_password: "00000000" };
      assert.deepEqual(body, {
        ...{ key: KEY, command, target: "meter", target_id: "000000010001" },
        ...(withPassword && { params: withPassword }),
      });
      await world.close();
    });
  }

  it("are all sixteen", () => {
    const names = new Set(VECTORS.map(({ command }) => command));
    const operations = Object.keys(OPERATIONS).filter((name) => names.has(name));
    assert.deepEqual([names.size, operations.length], [16, 16]);
  });
});

describe("what the cloud says of a command", () => {
  const answer = {
    msg_id: "0f3c9bb1f7a54d2a9c6b1f2e3d4c5b6a",
    response_channel_id: "response_q83v+A/0PE=",
    response_channel_host: "ns4.ekmpush.com",
  };

  it("is by which id and where its answer comes", () => {
    assert.deepEqual(decodeHandedOn(200, JSON.stringify(answer)), {
      msgId: answer.msg_id,
      channel: answer.response_channel_id,
      host: answer.response_channel_host,
    });
  });

  it("is a no, in the cloud's words, for what it refuses", () => {
    const refused = (status: number, body: string) => {
      try {
        decodeHandedOn(status, body);
      } catch (error) {
        assert.ok(error instanceof MetergateError);
        return [error.code, error.retry, error.message] as const;
      }
      return assert.fail("taken");
    };
    assert.deepEqual(refused(400, '{"error":"invalid key"}'), [
      ...["DEVICE_REFUSED", false, "the cloud refused the command (HTTP 400): invalid key"],
    ]);
    assert.deepEqual(refused(403, '{"error":"no permission"}').slice(0, 2), ["AUTHENTICATION_ERROR", false]);
    assert.deepEqual(refused(503, "<html>").slice(0, 2), ["SERVICE_BUSY", true]);
    assert.equal(refused(500, "oops")[0], "ILLEGAL_RESPONSE");
    assert.equal(refused(200, "{}")[0], "ILLEGAL_RESPONSE");
    assert.equal(refused(302, "")[0], "ILLEGAL_RESPONSE");
    for (const host of ["evil.example/x", "a@b", "", "-x", "h:99999999"]) {
      assert.equal(refused(200, JSON.stringify({ ...answer, response_channel_host: host }))[0], "ILLEGAL_RESPONSE");
    }
  });

  it("comes as a message with the id, the gateway's time in seconds, and what was asked for", () => {
    const success = { msg_id: answer.msg_id, timestamp: 1716400000.123, success: true, error: null, data: null };
    assert.deepEqual(decodeAnswer(JSON.stringify(success)), {
      msgId: answer.msg_id,
      success: true,
      error: "no reason given",
      receivedMs: 1716400000123,
      text: JSON.stringify(success),
    });
    const failed = { ...success, success: false, error: "no\nanswer", data: { a: 1 } };
    const decoded = decodeAnswer(JSON.stringify(failed))!;
    assert.deepEqual([decoded.success, decoded.error, decoded.data], [false, "no answer", { a: 1 }]);
    for (const other of ["", "[]", "{}", '{"msg_id":5,"success":true}', '{"msg_id":"x"}', "{"]) {
      assert.equal(decodeAnswer(other), undefined);
    }
    assert.equal(decodeAnswer(JSON.stringify({ ...success, timestamp: 1e300 }))!.receivedMs, undefined);
  });
});

describe("a stream of messages", () => {
  const all = (pieces: readonly Uint8Array[]) => {
    const stream = new JsonStream();
    return pieces.flatMap((piece) => stream.push(piece));
  };

  it("gives the same objects however it is cut, whatever stands between them", () => {
    const value = fc.dictionary(
      fc.string(),
      fc.oneof(fc.string({ unit: character }), fc.integer(), fc.constant({ "}": '"{' })),
    );
    const separator = fc.constantFrom("", "\n", ",", "\r\n", " ", "] [", "~ping~\n");
    fc.assert(
      fc.property(fc.array(fc.tuple(value, separator), { maxLength: 6 }), fc.array(fc.nat(400)), (sent, cuts) => {
        const octets = Buffer.from(sent.map(([each, between]) => JSON.stringify(each) + between).join(""));
        const places = [0, ...cuts.map((cut) => cut % (octets.length + 1)).sort((a, b) => a - b), octets.length];
        const pieces = places.slice(1).map((end, i) => octets.subarray(places[i], end));
        assert.deepEqual(
          all(pieces).map((text) => JSON.parse(text)),
          sent.map(([each]) => JSON.parse(JSON.stringify(each))),
        );
      }),
    );
  });

  it("ends with an error when a message does not end, and with none for any octets", () => {
    const endless = [Buffer.from('{"a":"'), ...Array.from({ length: 20 }, () => Buffer.alloc(5000, 0x61))];
    assert.throws(() => all(endless), { code: "ILLEGAL_RESPONSE" });
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (octets) => void all([octets])));
  });
});

describe("readings", () => {
  const ADDRESS = "000300001234";
  // Names and values as two public clients recorded them.
  const row = {
    ...{
      Good: 1,
      Date: "09/14/2018",
      Time: "12:13:14",
      Time_Stamp_UTC_ms: 1536952394000,
      Firmware: "17",
      Model: "4132",
    },
    ...{ kWh_Tot: "4583.51", Rev_kWh_Tot: "75.9", kWh_Tariff_1: "10.5", Rev_kWh_Tariff_1: "0.25" },
    ...{ RMS_Volts_Ln_1: "120.4", Amps_Ln_1: "0.0", RMS_Watts_Ln_1: "40", RMS_Watts_Ln_2: "7", State_Watts_Dir: "2" },
    ...{ Cos_Theta_Ln_1: "0.83 C", Cos_Theta_Ln_2: "L099", Cos_Theta_Ln_3: " 100", Line_Freq: "60.01" },
    ...{ Pulse_Cnt_1: "5", Pulse_Ratio_1: "1", State_Inputs: "4", State_Out: "2", CT_Ratio: "200", CF_Ratio: "800" },
    ...{ RMS_Watts_Max_Demand: "1000", Max_Demand_Period: "1", Max_Demand_Rst: "0", Meter_Time: "18091406121314" },
  };
  const cloud = (...rows: object[]) =>
    JSON.stringify({ readMeter: { ReadSet: [{ Meter: 300001234, Protocol: "v4", ReadData: rows }] } });

  it("are told by the cloud as texts, of a meter whose address has lost its zeros", () => {
    const [reading] = decodeReadings(200, cloud(row), ADDRESS);
    const typed = typedReading(reading!);
    // 4583.51 in both directions and 75.9 of them back are 4507.61 (the vendor's own example).
    assert.deepEqual([typed.energyKwh.import, typed.energyKwh.export], ["4507.61", "75.9"]);
    assert.deepEqual(typed.tariffsKwh[0], { tariff: 1, import: "10.25", export: "0.25" });
    assert.equal(typed.timeMs, 1536952394000);
    assert.equal(typed.meterTime, "2018-09-14T12:13:14");
    const [first, second, third] = typed.lines;
    assert.deepEqual([first!.powerFactor, first!.powerFactorKind], ["0.83", "CAPACITIVE"]);
    assert.deepEqual([second!.powerFactor, second!.powerFactorKind], ["0.99", "INDUCTIVE"]);
    assert.deepEqual([third!.powerFactor, third!.powerFactorKind], ["1.00", "UNITY"]);
    // 2: forward, forward, reverse.
    assert.deepEqual([first!.powerW, second!.powerW], ["40", "7"]);
    assert.deepEqual(typed.relays, [
      { relay: "RELAY_1", status: "OPEN" },
      { relay: "RELAY_2", status: "CLOSED" },
    ]);
    assert.deepEqual(typed.maximumDemand, { powerW: "1000", periodMinutes: 15, resetInterval: "OFF" });
    assert.deepEqual([typed.pulseInputs[0]!.isLow, typed.pulseInputs[2]!.isLow], [true, false]);
    assert.deepEqual([typed.frequencyHz, typed.ctRatio, typed.pulseOutputRatio], ["60.01", 200, "800"]);
  });

  it("are told by a gateway itself by address, as numbers", () => {
    const body = JSON.stringify({ [ADDRESS]: [{ ...row, kWh_Tot: 4583.51, RMS_Watts_Ln_3: 9, State_Watts_Dir: 8 }] });
    const [reading] = decodeReadings(200, body, ADDRESS);
    const typed = typedReading(reading!);
    assert.equal(typed.energyKwh.total, "4583.51");
    assert.deepEqual(
      typed.lines.map(({ powerW }) => powerW),
      ["-40", "-7", "-9"],
    );
  });

  it("know the relays by one number: 1 both open, 2 the second closed, 3 the first, 4 both", () => {
    const relays = [1, 2, 3, 4, 5].map((state) =>
      relaysOf({ timeMs: 1, fields: new Map([["State_Out", String(state)]]) }),
    );
    const both = (first: boolean, second: boolean) => ({ RELAY_1: first, RELAY_2: second });
    assert.deepEqual(relays, [both(false, false), both(false, true), both(true, false), both(true, true), undefined]);
  });

  it("come in any order, twice, bad, or without the counters that they had: what is left is sorted, latest first", () => {
    const at = (seconds: number, more: object = {}) => ({
      ...row,
      Time_Stamp_UTC_ms: 1536952394000 + seconds,
      ...more,
    });
    const lost = { Pulse_Cnt_1: "0", Pulse_Cnt_2: "0", Pulse_Cnt_3: "0" };
    const body = cloud(
      at(2),
      at(1),
      at(2),
      at(3, { Good: 0 }),
      at(4, lost),
      at(0, lost),
      at(5, { Time_Stamp_UTC_ms: "x" }),
    );
    const times = decodeReadings(200, body, ADDRESS).map(({ timeMs }) => timeMs - 1536952394000);
    assert.deepEqual(times, [2, 1, 0]);
  });

  it("are kept when the meter's clock is damaged, without its time", () => {
    const [reading] = decodeReadings(200, cloud({ ...row, Meter_Time: "180914061?1314" }), ADDRESS);
    assert.equal(typedReading(reading!).meterTime, undefined);
  });

  it("are none when they make no sense", () => {
    assert.throws(() => decodeReadings(200, "<html>", ADDRESS), { code: "ILLEGAL_RESPONSE" });
    assert.throws(() => decodeReadings(500, "", ADDRESS), { code: "ILLEGAL_RESPONSE" });
    assert.throws(() => decodeReadings(403, "", ADDRESS), { code: "AUTHENTICATION_ERROR", retry: false });
    assert.throws(() => decodeReadings(200, '{"error":"no such key"}', ADDRESS), /no such key/);
    assert.deepEqual(decodeReadings(200, '{"readMeter":{"ReadSet":[null,5,{"Meter":null}]}}', ADDRESS), []);
    fc.assert(
      fc.property(fc.json(), (body) => {
        try {
          for (const reading of decodeReadings(200, body, ADDRESS)) typedReading(reading);
        } catch (error) {
          assert.ok(error instanceof MetergateError);
        }
      }),
    );
  });
});

describe("tables of tariffs", () => {
  it("are read by the keys of the vendor's library, with unused places left out", () => {
    const data = {
      ...{ Schedule_1_Period_1_Hour: 5, Schedule_1_Period_1_Min: 30, Schedule_1_Period_1_Tariff: 3 },
      ...{ Season_1_Month: 3, Season_1_Day: 1, Season_1_Schedule: 1, Season_2_Month: 0 },
      ...{ Holiday_1_Mon: "12", Holiday_1_Day: "25", Weekend_Schd: 0, Holiday_Schd: 2 },
    };
    const { schedules, ...rest } = decodeTariffTables(data);
    assert.deepEqual(schedules.slice(0, 2), [
      { schedule: 1, periods: [{ hour: 5, minute: 30, tariff: 3 }] },
      { schedule: 2, periods: [] },
    ]);
    assert.deepEqual(rest, {
      seasons: [{ month: 3, day: 1, schedule: 1 }],
      holidays: [{ month: 12, day: 25 }],
      holiday: 2,
    });
    assert.throws(() => decodeTariffTables({ Weekend_Schd: "often" }), { code: "ILLEGAL_RESPONSE" });
  });

  it("have six months, each way", () => {
    const block = { Month_1_Tot: "12.5", Month_1_Tariff_1: 12, Month_1_Tariff_2: 0.5 };
    assert.deepEqual(decodeTariffMonths({ Forward: block }).months, [
      { monthsAgo: 1, forward: { totalKwh: "12.5", tariffsKwh: ["12", "0.5", "0", "0"] }, reverse: undefined },
    ]);
    assert.throws(() => decodeTariffMonths({ Reverse: { Month_1_Tot: "many" } }), { code: "ILLEGAL_RESPONSE" });
  });
});
