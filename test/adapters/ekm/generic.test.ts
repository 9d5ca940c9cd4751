import assert from "node:assert/strict";
import { EKM } from "../../../src/adapters/ekm/family.ts";
import type { ActivityCalendar, DayProfile } from "../../../src/operations/activity-calendar.ts";
import { OPERATIONS } from "../../../src/operations/index.ts";
import type { Operation, ResultOf } from "../../../src/operations/operation.ts";
import { KEY, MemoryWorld, START_MS } from "./in-memory.ts";

const day = (dayId: number, ...points: readonly [start: string, tariff: number][]): DayProfile => ({
  dayId,
  actions: points.map(([startTime, scriptSelector]) => ({ startTime, scriptSelector })),
});
const WORKDAY = day(0, ["06000000", 2], ["16000000", 1]);
const FREE_DAY = day(1, ["000000FF", 3]);
const week = (
  name: string,
  workday: DayProfile,
  freeDay: DayProfile,
  others: Partial<Record<number, DayProfile>> = {},
) => {
  const days = Array.from({ length: 7 }, (_, i) => others[i] ?? (i < 5 ? workday : freeDay));
  return { name, days: days as unknown as ActivityCalendar["seasons"][number]["week"]["days"] };
};
const season = (name: string, start: string, of = week("1", WORKDAY, FREE_DAY)) => ({ name, start, week: of });
const CALENDAR: ActivityCalendar = {
  name: "SUMMER",
  activatePassiveCalendarTime: "FFFFFFFFFFFFFFFFFF800000",
  seasons: [season("1", "FFFF0101FF00000000FFC400")],
};

describe("operations of the public contract on EKM meters", () => {
  let world: MemoryWorld;
  beforeEach(() => {
    world = new MemoryWorld({ meters: ["v3", "v4", "v5"] });
  });
  afterEach(() => world.close());

  async function ask<O extends Operation>(
    operation: O,
    request: object,
    meter = world.meters[1]!,
  ): Promise<ResultOf<O>> {
    const asked = world.request(meter, operation.name, request);
    await world.until(asked.run());
    assert.ok(asked.outcome?.ok, JSON.stringify(asked.outcome));
    return asked.outcome.result as ResultOf<O>;
  }

  it("set the clock to the present time in a zone, and keep the zone", async () => {
    const meter = world.meters[0]!;
    await ask(OPERATIONS.SynchronizeTime, { timeZone: "America/Los_Angeles" }, meter);
    const { clockOffsetMs } = world.simulated(meter);
    // Eight hours behind in January; the command was on its way for a moment.
    assert.ok(Math.abs(clockOffsetMs + 8 * 3_600_000) < 3_000, String(clockOffsetMs));
    assert.equal(world.zones.get(meter.identification), "America/Los_Angeles");
  });

  it("tell model and firmware, and what the registers hold", async () => {
    assert.deepEqual((await ask(OPERATIONS.GetFirmwareVersion, {})).versions, [
      { module: "ACTIVE_FIRMWARE", version: "1024-17" },
    ]);
    const { time, energy } = await ask(OPERATIONS.GetActualMeterReads, {});
    assert.equal(time.epochMs, START_MS);
    assert.deepEqual(energy.import, { value: "4507610", unit: "Wh" });
    assert.deepEqual(energy.exportTariff1, { value: "75900", unit: "Wh" });
  });

  it("give the quarter-hours of the readings that the cloud has", async () => {
    world.clock.advance(2 * 3_600_000);
    const range = { beginMs: START_MS + 1_800_000, endMs: START_MS + 3_600_000 };
    const { registers, times } = await ask(OPERATIONS.GetPeriodicMeterReads, { periodType: "INTERVAL", ...range });
    assert.deepEqual(
      registers.map(({ unit }) => unit),
      ["Wh", "Wh"],
    );
    assert.deepEqual(
      times.epochMs.map((epochMs) => epochMs - START_MS),
      [1_800_000, 2_700_000, 3_600_000],
    );
    // 500, 300 and −100 W: 225 Wh in both directions, 25 of them back.
    const [first, second] = registers[0]!.values.map(Number);
    assert.ok(Math.abs(second! - first! - 200) <= 10, String(registers.map(({ values }) => values)));
  });

  it("give days and months of what the cloud has summed up, by the meter's time zone", async () => {
    const kathmandu = new MemoryWorld({ timeZone: "Asia/Kathmandu" });
    const [meter] = kathmandu.meters;
    const midnight = (month: number, day: number) => Date.UTC(2026, month - 1, day) - 5.75 * 3_600_000;
    const read = async (periodType: string, beginMs: number, endMs: number) => {
      const asked = kathmandu.request(meter!, "GetPeriodicMeterReads", { periodType, beginMs, endMs });
      await kathmandu.until(asked.run());
      assert.ok(asked.outcome?.ok, JSON.stringify(asked.outcome));
      const { times, registers } = asked.outcome.result as ResultOf<typeof OPERATIONS.GetPeriodicMeterReads>;
      return times.epochMs.map((epochMs, i) => ({ epochMs, values: registers.map(({ values }) => values[i]) }));
    };
    // Silent from before the third midnight until long after it.
    kathmandu.clock.advance(midnight(2, 2) - START_MS + 20 * 3_600_000);
    kathmandu.simulated(meter!).isSilent = true;
    kathmandu.clock.advance(8 * 3_600_000);
    kathmandu.simulated(meter!).isSilent = false;
    kathmandu.clock.advance(2 * 86_400_000);
    const days = await read("DAILY", START_MS, midnight(2, 5));
    assert.deepEqual(
      days.map(({ epochMs }) => epochMs),
      [midnight(2, 1), midnight(2, 2), midnight(2, 4), midnight(2, 5)],
    );
    // 800 W to the meter and 100 W back, all day.
    const [first, second, last] = days.map(({ values }) => values.map(Number));
    assert.deepEqual([second![0]! - first![0]!, second![1]! - first![1]!], [19_200, 2_400]);
    assert.equal(last![0]! - second![0]!, 38_400);
    assert.deepEqual(await read("MONTHLY", START_MS, midnight(2, 5)), [days[0]]);
    // Four days ago: no single reading is kept of then.
    const quarters = await read("INTERVAL", START_MS + 900_000, START_MS + 2_700_000);
    assert.deepEqual(
      quarters.map(({ epochMs }) => epochMs - START_MS),
      [900_000, 1_800_000, 2_700_000],
    );
    assert.equal(Number(quarters[2]!.values[0]) - Number(quarters[0]!.values[0]), 400);
    const tooMany = kathmandu.request(meter!, "GetPeriodicMeterReads", {
      ...{ periodType: "INTERVAL", beginMs: START_MS, endMs: START_MS + 11 * 86_400_000 },
    });
    await kathmandu.until(tooMany.run());
    assert.match(JSON.stringify(tooMany.outcome), /more reads than can be asked for at once, which are 1000/);
    assert.deepEqual(await read("MONTHLY", midnight(2, 2), midnight(2, 5)), []);
    await kathmandu.close();
  });

  it("get a password that only the vault knows", async () => {
    const meter = world.meters[1]!;
    await ask(OPERATIONS.GenerateAndReplaceKeys, {});
    const { password } = world.simulated(meter);
    assert.match(password, /^\d{8}$/);
    assert.notEqual(password, "00000000");
    assert.equal(
      Buffer.from((await world.vault.getActive(meter.identification, "EKM_METER_PASSWORD"))!).toString(),
      password,
    );
    await ask(OPERATIONS.SetMaxDemandResetNow, {});
  });

  it("write a calendar as schedules, seasons and the weekend's schedule, and the meter counts by them", async () => {
    const meter = world.simulated(world.meters[1]!);
    await ask(OPERATIONS.SetSpecialDays, { specialDays: [{ date: "FFFF0C19FF", dayId: 2 }] });
    const result = await ask(OPERATIONS.SetActivityCalendar, CALENDAR);
    assert.deepEqual(result, { device: "EKMV000000010002", calendarName: "SUMMER" });
    const { tariffs } = meter;
    assert.deepEqual(tariffs.seasons[0], { month: 1, day: 1, schedule: 1 });
    assert.deepEqual([tariffs.weekendSchedule, tariffs.holidaySchedule], [2, 3]);
    assert.deepEqual(tariffs.holidays, [{ month: 12, day: 25 }]);
    // Saturday noon, Monday noon, Monday night.
    const at = (month: number, date: number, hour: number) =>
      tariffs.tariffAt(new Date(Date.UTC(2026, month - 1, date, hour)));
    assert.deepEqual([at(1, 31, 12), at(2, 2, 12), at(2, 2, 23), at(2, 3, 5)], [3, 2, 1, 1]);
    // From Saturday noon until Monday noon: 36 hours of the weekend, then the last tariff of the day before until six.
    const before = [...meter.forward];
    world.clock.advance(48 * 3_600_000);
    meter.passTime(world.clock.now());
    const counted = meter.forward.map((kWh, i) => Math.round((kWh - before[i]!) * 10) / 10);
    assert.deepEqual(counted.slice(1), [5.4, 5.4, 32.4, 0]);
  });

  it("leave what another order said of the weekend as it is", async () => {
    await ask(OPERATIONS.SetWeekendHolidaySchedules, { weekend: 5 });
    await ask(OPERATIONS.SetSpecialDays, { specialDays: [{ date: "FFFF0101FF", dayId: 0 }] });
    const { tariffs } = world.simulated(world.meters[1]!);
    assert.deepEqual([tariffs.weekendSchedule, tariffs.holidaySchedule], [5, 1]);
    await ask(OPERATIONS.SetSpecialDays, { specialDays: [] });
    assert.deepEqual([tariffs.holidays.length, tariffs.weekendSchedule], [0, 5]);
  });

  const refused = (operation: string, request: object, meter = world.meters[1]!) =>
    world.adapter.whyUnsupported(meter, meter, operation, request);

  it("refuse calendars and special days that a meter has no room for, and say why", () => {
    const calendar = (changes: Partial<ActivityCalendar>) =>
      refused("SetActivityCalendar", { ...CALENDAR, ...changes });
    const days = (...points: readonly [string, number][]) =>
      calendar({ seasons: [season("1", "FFFF0101FF00000000FFC400", week("1", day(0, ...points), FREE_DAY))] });
    assert.equal(calendar({}), undefined);
    assert.match(calendar({ activatePassiveCalendarTime: "07EB0101FF00000000FFC400" })!, /no passive calendar/);
    assert.match(calendar({ seasons: [season("1", "07EB0101FF00000000FFC400")] })!, /must not name a year/);
    assert.match(calendar({ seasons: [season("1", "FFFFFFFFFF00000000FFC400")] })!, /month and day/);
    assert.match(days(["00000000", 5])!, /4 tariffs/);
    assert.match(days(["00003000", 1])!, /full minutes/);
    assert.match(days(...[0, 1, 2, 3, 4].map((hour): [string, number] => [`0${hour}000000`, 1]))!, /4 times a day/);
    const unlike = week("1", WORKDAY, FREE_DAY, { 2: FREE_DAY });
    assert.match(calendar({ seasons: [season("1", "FFFF0101FF00000000FFC400", unlike)] })!, /Monday to Friday/);
    const sunday = week("1", WORKDAY, FREE_DAY, { 6: WORKDAY });
    assert.match(calendar({ seasons: [season("1", "FFFF0101FF00000000FFC400", sunday)] })!, /Saturdays and Sundays/);
    const seventh = week("1", day(6, ["00000000", 1]), FREE_DAY);
    assert.match(calendar({ seasons: [season("1", "FFFF0101FF00000000FFC400", seventh)] })!, /6 schedules/);

    const special = (...specialDays: object[]) => refused("SetSpecialDays", { specialDays });
    const date = (text: string, dayId = 1) => ({ date: text, dayId });
    assert.equal(special(), undefined);
    assert.match(special(date("07EB0C19FF"))!, /must not name a year/);
    assert.match(special(date("FFFF0C1901"))!, /days of the week/);
    assert.match(special(date("FFFF021EFF"))!, /month and day/);
    assert.match(special(date("FFFF0101FF"), date("FFFF0102FF", 2))!, /one schedule for all holidays/);
    assert.match(special(...Array.from({ length: 21 }, () => date("FFFF0101FF")))!, /20 holidays/);
  });

  it("are refused when they do not fit at all, and for gateways", () => {
    const offered = EKM.support()
      .rows.filter(({ supported }) => supported.includes(true))
      .map(({ operation }) => operation);
    const isOfDevice = ({ runsOn }: Operation) => runsOn === "device";
    const generic = Object.values<Operation>(OPERATIONS)
      .filter(isOfDevice)
      .map(({ name }) => name);
    const fits = ["SynchronizeTime", "SetSpecialDays", "SetActivityCalendar", "GetFirmwareVersion"];
    const reads = ["GetActualMeterReads", "GetPeriodicMeterReads", "GenerateAndReplaceKeys"];
    const own = generic.filter((name) => /^(SetMeterPassword|SetCTRatio|SetRelay|ReadMeter|GetTariffData)$/.test(name));
    for (const name of [...fits, ...reads, ...own]) assert.ok(offered.includes(name), name);
    for (const name of [
      "ReplaceKeys",
      "GetKeys",
      "UpdateFirmware",
      "SetClockConfiguration",
      "SetAdministrativeStatus",
    ]) {
      if (generic.includes(name)) assert.match(refused(name, {})!, /not offered for EKM meters/);
    }
    const { gateway } = world;
    assert.match(world.adapter.whyUnsupported(gateway, gateway, "SetRelay", {})!, /names the meter behind/);
  });
});

describe("an EKM meter that is debugged", () => {
  it("has each message kept, without key and password", async () => {
    const world = new MemoryWorld();
    const meter = { ...world.meters[0]!, debugging: true };
    world.vault.put(meter.identification, "EKM_METER_PASSWORD", "13572468");
    world.simulated(meter).password = "13572468";
    for (const [operation, request] of [
      ["SetMeterPassword", { password: Buffer.from("24681357").toString("hex") }],
      ["ReadMeter", { count: 1 }],
    ] as const) {
      const asked = world.request(meter, operation, request);
      await world.until(asked.run());
      assert.ok(asked.outcome?.ok, JSON.stringify(asked.outcome));
    }
    const { messages } = world;
    const kept = messages.map(({ direction, operation }) => `${direction} ${operation}`);
    const command = ["to-device SetMeterPassword", "from-device SetMeterPassword", "from-device SetMeterPassword"];
    assert.deepEqual(kept, [...command, "to-device readMeter", "from-device readMeter"]);
    const texts = messages.map(({ body }) => EKM.explain(body).text);
    assert.deepEqual(JSON.parse(texts[0]!).params, { new_password: "***", meter_password: "***" });
    assert.match(texts[2]!, /"success":true/);
    assert.match(texts[3]!, /^GET \/readMeter\?key=\*\*\*&meters=000000010001/);
    assert.doesNotMatch(texts.join(), new RegExp(`${KEY}|13572468|24681357`));
    await world.close();
  });
});

describe("secrets of EKM gateways and meters", () => {
  it("are in no address but where the cloud wants the key, in no error, and in no note", async () => {
    const world = new MemoryWorld();
    const [meter] = world.meters;
    world.vault.put(meter!.identification, "EKM_METER_PASSWORD", "13572468");
    const refusal = world.request(meter!, "SetMaxDemandResetNow", {});
    world.simulated(meter!).password = "00000001";
    // A cloud that repeats what it was sent.
    const { publish } = world.cloud.channels;
    world.cloud.channels.publish = (name, message) =>
      publish.call(world.cloud.channels, name, message.replace("password was not", `${KEY} 13572468 was not`));
    await world.until(refusal.run());
    assert.ok(refusal.outcome && !refusal.outcome.ok);
    assert.equal(refusal.outcome.error.message, "SetMaxDemandResetNow was refused: *** *** was not acknowledged");
    assert.deepEqual(
      world.transport.addresses.filter((address) => address.includes(KEY)),
      [],
    );
    const read = world.request(meter!, "ReadMeter", { count: 1 });
    await world.until(read.run());
    const [address] = world.transport.addresses.filter((each) => each.includes(KEY));
    assert.match(address!, /^https:\/\/api\.ekmpush\.com\/readMeter\?key=/);
    assert.doesNotMatch(JSON.stringify([refusal, read]), /13572468|c2ltdWxhdGVk/);
    await world.close();
  });
});
