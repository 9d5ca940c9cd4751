import assert from "node:assert/strict";
import { cosem } from "../../../../src/dlms/data.ts";
import { fromHex } from "../../../../src/lib/bytes.ts";
import { parseObis } from "../../../../src/lib/obis.ts";
import { statusFlags } from "../../../../src/operations/readings.ts";
import type { KnownOperation, OperationRequest, OperationResult } from "../../../../src/operations/registry.ts";
import type { Behaviour } from "../../../../src/simulators/dlms/behaviour.ts";
import * as profiles from "../../../../src/simulators/dlms/profile-behaviours.ts";
import { testDevice } from "../devices.ts";
import { type Running, startMeter } from "./running.ts";

const HOUR_MS = 3_600_000;
const QUARTER_MS = 900_000;
/** Behind a year in which the clock changed twice, wherever it does. */
const NOW_MS = Date.UTC(2027, 1, 1);

/** Time zones with what the clock of a meter there holds: zone, begin and end of daylight saving. */
const ZONES = [
  ["Europe/Amsterdam", -60, "FFFF03FE0702000000FFC400", "FFFF0AFE0703000000FF8880"],
  ["Europe/Helsinki", -120, "FFFF03FE0703000000FF8800", "FFFF0AFE0704000000FF4C80"],
  ["Australia/Sydney", -600, "FFFF0A010702000000FDA800", "FFFF04010703000000FD6C80"],
] as const;

const GAS_METER = {
  ...testDevice({ identification: "TESTG102400000001" }),
  dlms: undefined,
  gateway: { device: "TEST1024000000001", channel: 2 },
  mbus: { identificationNumber: "12056731", manufacturerIdentification: "LGB", version: 66, deviceType: 3 },
};

describe("periodic reads", () => {
  let running: Running;
  afterEach(() => running.close());

  async function start(
    protocol: string,
    [zone, minutes, begin, end]: (typeof ZONES)[number] = ZONES[0],
    quarters = 10_000,
  ) {
    const device = { timezone: zone, address: { withListMax: 8 } };
    running = await startMeter(protocol, undefined, device, {}, NOW_MS);
    const { meter } = running;
    const clock = parseObis("0.0.1.0.0.255");
    meter.write(8, clock, 3, cosem.long(minutes));
    meter.write(8, clock, 5, cosem.octetString(fromHex(begin)));
    meter.write(8, clock, 6, cosem.octetString(fromHex(end)));
    for (const [profile, entries] of [
      ["1.0.99.1.0.255", quarters],
      ["1.0.99.2.0.255", 400],
      ["0.2.24.3.0.255", 10_000],
    ] as const) {
      meter.write(7, parseObis(profile), 8, cosem.doubleLongUnsigned(entries));
    }
    return running;
  }

  async function read<N extends KnownOperation>(
    operation: N,
    request: OperationRequest<N>,
  ): Promise<OperationResult<N>> {
    const target = operation.endsWith("Gas") ? { target: GAS_METER } : {};
    const result = await running.run(operation, request, target);
    return typeof result === "string" ? assert.fail(result) : result;
  }

  /** Those of electricity by rows. */
  async function readRows(request: OperationRequest<"GetPeriodicMeterReads">) {
    const { times, statuses, registers } = await read("GetPeriodicMeterReads", request);
    const reads = times.epochMs.map((_, row) => {
      const status = statuses?.[row] ?? null;
      const [deviationMinutes, clockStatus] = [times.deviationMinutes, times.clockStatus].map(
        (told) => told?.[row] ?? undefined,
      );
      return {
        time: { epochMs: times.epochMs[row]!, deviationMinutes, clockStatus },
        status: status === null ? undefined : statusFlags(status),
        values: registers.map(({ values }) => values[row]),
      };
    });
    return { registers: registers.map(({ register, unit }) => ({ register, unit })), reads };
  }

  /** Minutes from local time to UTC, as the engine knows the zone. */
  function deviations(timeZone: string): (epochMs: number) => number {
    const format = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
    const known = new Map<number, number>();
    return (epochMs) => {
      const hour = Math.floor(epochMs / HOUR_MS);
      const before = known.get(hour);
      if (before !== undefined) return before;
      const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(format.format(epochMs))!;
      const deviation = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? 1 : -1);
      known.set(hour, deviation);
      return deviation;
    };
  }

  const thousandths = (count: number) => `${Math.floor(count / 1000)}.${String(count % 1000).padStart(3, "0")}`;
  /** What a count of the simulated meter held, which holds `initial` now. */
  const countAt = (initial: number, perHour: number, atMs: number) =>
    initial + Math.round(((atMs - NOW_MS) / HOUR_MS) * perHour);

  for (const zone of ZONES) {
    const [timeZone] = zone;
    it(`of a year of quarter-hours are what the meter in ${timeZone} holds, to the last digit`, async () => {
      await start("SMR 5.2", zone, 40_000);
      const [beginMs, endMs] = [Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1)];
      const { registers, reads } = await readRows({ periodType: "INTERVAL", beginMs, endMs });
      assert.deepEqual(registers, [
        { register: "import", unit: "Wh" },
        { register: "export", unit: "Wh" },
      ]);
      assert.equal(reads.length, 365 * 96 + 1);
      const deviationAt = deviations(timeZone);
      const winter = Math.max(deviationAt(beginMs), deviationAt(Date.UTC(2026, 6, 1)));
      const found = new Set<number>();
      for (const [i, { time, status, values }] of reads.entries()) {
        const atMs = beginMs + i * QUARTER_MS;
        const deviation = deviationAt(atMs);
        found.add(deviation);
        const isSummer = deviation !== winter;
        const expected = {
          time: { epochMs: atMs, deviationMinutes: deviation, clockStatus: isSummer ? 0x80 : 0 },
          status: isSummer ? ["DAYLIGHT_SAVING"] : [],
          values: [String(countAt(12_345_678, 400, atMs)), String(countAt(2_222_222, 90, atMs))],
        };
        assert.deepEqual({ time, status, values }, expected);
      }
      assert.equal(found.size, 2);
    });

    it(`of a year of hours are what the meter in ${timeZone} holds of gas, and the days and months there`, async () => {
      await start("SMR 5.2", zone);
      const [beginMs, endMs] = [Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1)];
      const hours = await read("GetPeriodicMeterReadsGas", { periodType: "INTERVAL", beginMs, endMs });
      const deviationAt = deviations(timeZone);
      assert.deepEqual(
        hours.reads.map(({ time, value, captureTime }) => [time.epochMs, time.deviationMinutes, value, captureTime]),
        Array.from({ length: 365 * 24 + 1 }, (_, i) => {
          const atMs = beginMs + i * HOUR_MS;
          const deviation = deviationAt(atMs);
          const captured = {
            epochMs: atMs,
            deviationMinutes: deviation,
            clockStatus: hours.reads[i]!.time.clockStatus,
          };
          return [atMs, deviation, thousandths(countAt(2_234_567, 150, atMs)), captured];
        }),
      );
      const local = (month: number, day: number) => {
        const utcMs = Date.UTC(2026, month, day);
        return utcMs + deviationAt(utcMs + deviationAt(utcMs) * 60_000) * 60_000;
      };
      const range = { beginMs: local(0, 1), endMs: local(11, 31) };
      const days = await readRows({ periodType: "DAILY", ...range });
      assert.deepEqual(
        days.reads.map(({ time, values }) => [time.epochMs, values[0]]),
        Array.from({ length: 365 }, (_, day) => {
          const atMs = local(0, 1 + day);
          return [atMs, String(countAt(7_345_678, 240, atMs))];
        }),
      );
      const months = await readRows({ periodType: "MONTHLY", ...range, beginMs: local(1, 1) });
      assert.deepEqual(
        months.reads.map(({ time, values }) => [time.epochMs, values[3]]),
        Array.from({ length: 11 }, (_, month) => {
          const atMs = local(1 + month, 1);
          return [atMs, String(countAt(1_000_000, 40, atMs))];
        }),
      );
    });
  }

  for (const protocol of ["DSMR 2.2", "DSMR 4.2.2", "SMR 4.3"]) {
    it(`of days and months are picked from the profile that ${protocol} has for electricity and gas`, async () => {
      await start(protocol);
      const range = { beginMs: Date.UTC(2027, 0, 1), endMs: Date.UTC(2027, 0, 31) };
      const days = await readRows({ periodType: "DAILY", ...range });
      assert.equal(days.reads.length, 30);
      assert.deepEqual(days.registers.length, 4);
      assert.deepEqual(days.reads[0]!.status, []);
      const firstMs = Date.UTC(2027, 0, 1, 23);
      assert.deepEqual(days.reads[0]!.values[0], String(countAt(7_345_678, 240, firstMs)));
      const gas = await read("GetPeriodicMeterReadsGas", { periodType: "DAILY", ...range });
      const [first] = gas.reads;
      assert.deepEqual([first!.time.epochMs, first!.value], [firstMs, thousandths(countAt(2_234_567, 150, firstMs))]);
      assert.deepEqual(first!.captureTime, first!.time);
      const month = { ...range, beginMs: Date.UTC(2026, 11, 31) };
      const months = await read("GetPeriodicMeterReadsGas", { periodType: "MONTHLY", ...month });
      assert.deepEqual(
        months.reads.map(({ time, status }) => [time.epochMs, status]),
        [[Date.UTC(2026, 11, 31, 23), undefined]],
      );
    });
  }

  const NIGHT = { beginMs: Date.UTC(2026, 9, 24, 22), endMs: Date.UTC(2026, 9, 25, 23) };
  const instants = ({ reads }: Awaited<ReturnType<typeof readRows>>) =>
    reads.map(({ time, values }) => [time.epochMs, ...values]);

  const ODD: readonly (readonly [string, readonly Behaviour[]])[] = [
    ["leaves out what follows from the entry before", [profiles.profileNullData()]],
    ["has the newest entry in front", [profiles.profileBackwards()]],
    ["sends a compact-array", [profiles.profileCompactArray()]],
    ["tells local times only", [profiles.bareTimes()]],
    ["tells local times only, the newest in front", [profiles.bareTimes(), profiles.profileBackwards()]],
    ["cannot select", [profiles.noSelectiveAccess()]],
    [
      "cannot pick a column",
      [profiles.refusedColumn({ ...{ classId: 3, attribute: 2 }, logicalName: parseObis("1.0.1.8.1.255") })],
    ],
  ];
  for (const [what, behaviours] of ODD) {
    it(`of the day the clock goes back are the same from a meter that ${what}`, async () => {
      await start("DSMR 4.2.2");
      const days = { beginMs: Date.UTC(2026, 9, 1), endMs: Date.UTC(2026, 10, 30) };
      const quarters = await readRows({ periodType: "INTERVAL", ...NIGHT });
      const plain = await readRows({ periodType: "DAILY", ...days });
      assert.equal(quarters.reads.length, 101);
      running.meter.behaviours.add(...behaviours);
      const odd = await readRows({ periodType: "INTERVAL", ...NIGHT });
      assert.deepEqual(instants(odd), instants(quarters));
      // Here columns are picked.
      const oddDays = await readRows({ periodType: "DAILY", ...days });
      assert.deepEqual(instants(oddDays), instants(plain));
    });
  }

  it("have no entry where the meter has none, and none is made up", async () => {
    await start("SMR 5.2");
    const whole = await readRows({ periodType: "INTERVAL", ...NIGHT });
    assert.equal(whole.reads.length, 101);
    running.meter.behaviours.add(profiles.profileGaps(4), profiles.profileNullData());
    const gaps = await readRows({ periodType: "INTERVAL", ...NIGHT });
    assert.deepEqual(
      instants(gaps),
      instants(whole).filter((_, i) => i % 4 !== 3),
    );
  });

  it("are empty when nothing was captured in the range", async () => {
    await start("SMR 5.2");
    const range = { beginMs: Date.UTC(2014, 0, 1), endMs: Date.UTC(2014, 11, 31) };
    const result = await readRows({ periodType: "INTERVAL", ...range });
    assert.deepEqual(result, { registers: [], reads: [] });
  });

  it("fail with the meter's reason when it refuses the profile itself", async () => {
    await start("SMR 5.2");
    running.meter.behaviours.add({
      name: "refused",
      get: ({ classId, attribute }) => (classId === 7 && attribute === 2 ? { error: "read-write-denied" } : undefined),
    });
    const result = await running.run("GetPeriodicMeterReads", { periodType: "INTERVAL", ...NIGHT });
    assert.equal(
      result,
      "ERROR_RETRIEVING_ATTRIBUTE_VALUE: Retrieving attribute value for { 7, 1.0.99.1.0.255, 2 }. " +
        "Result: resultCode(3), with data: null",
    );
  });

  it("of gas tell callers in the public contract's words what is missing", async () => {
    await start("SMR 5.2");
    const request = { periodType: "INTERVAL", ...NIGHT } as const;
    const alone = { ...GAS_METER, gateway: undefined };
    assert.equal(
      await running.run("GetPeriodicMeterReadsGas", request, { target: alone }),
      "VALIDATION_ERROR: Meter for gas reads should have an energy meter as gateway device.",
    );
    assert.equal(
      await running.run("GetActualMeterReadsGas", {}),
      "VALIDATION_ERROR: Meter for gas reads should have a channel configured.",
    );
  });
});
