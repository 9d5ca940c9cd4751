/**
 * What no public source says for sure of the cloud's interface, in one place: whoever learns better changes it here, and
 * adapter and simulator follow. Each entry says why it is thought to be so.
 */

/** Commands that are not on the public page, or whose parameters are not. */
export const COMMAND_NAMES = {
  /** The settings page of the vendor's portal sets seasons, so there is a command; its name follows the others'. */
  seasons: "SetSeasonSchedules",
} as const;

/** Meter, as the `target` of a command; the word for a gateway is not known and not needed. */
export const TARGET_METER = "meter";

/** Keys of parameters: those of the vendor's serial library, which writes the same tables. */
export const PARAMETERS = {
  /** 0 to 5 when it is written, although reading counts from 1. */
  schedule: "Schedule",
  scheduleHour: (period: number) => `Hour_${period}`,
  scheduleMinute: (period: number) => `Min_${period}`,
  scheduleTariff: (period: number) => `Tariff_${period}`,
  seasonMonth: (season: number) => `Season_${season}_Start_Month`,
  seasonDay: (season: number) => `Season_${season}_Start_Day`,
  seasonSchedule: (season: number) => `Season_${season}_Schedule`,
  holidayMonth: (holiday: number) => `Holiday_${holiday}_Month`,
  holidayDay: (holiday: number) => `Holiday_${holiday}_Day`,
} as const;

/** What the number of the first schedule is in SetSchedule. */
export const FIRST_WRITTEN_SCHEDULE = 0;
/** For the weekend and for holidays, and in seasons: schedules as they are read, 0 for none. */
export const NO_SCHEDULE = 0;

/** Keys of what GetSchedules and GetTariffData give back: those of the same library's read tables. */
export const ANSWERS = {
  scheduleHour: (schedule: number, period: number) => `Schedule_${schedule}_Period_${period}_Hour`,
  scheduleMinute: (schedule: number, period: number) => `Schedule_${schedule}_Period_${period}_Min`,
  scheduleTariff: (schedule: number, period: number) => `Schedule_${schedule}_Period_${period}_Tariff`,
  seasonMonth: (season: number) => `Season_${season}_Month`,
  seasonDay: (season: number) => `Season_${season}_Day`,
  seasonSchedule: (season: number) => `Season_${season}_Schedule`,
  /** Month where it is written, Mon where it is read. */
  holidayMonth: (holiday: number) => `Holiday_${holiday}_Mon`,
  holidayDay: (holiday: number) => `Holiday_${holiday}_Day`,
  weekendSchedule: "Weekend_Schd",
  holidaySchedule: "Holiday_Schd",
  /** The library reads the months in two blocks with the same keys; they are taken for two objects. */
  forwardMonths: "Forward",
  reverseMonths: "Reverse",
  monthTotal: (month: number) => `Month_${month}_Tot`,
  monthTariff: (month: number, tariff: number) => `Month_${month}_Tariff_${tariff}`,
} as const;

/** How many messages of a channel's past are asked for with its name: a sample command of the page has `.b20`. */
export const BACKLOG = { suffix: (messages: number) => `.b${messages}`, messages: 100 } as const;

/**
 * Where the cloud tells what it has summed up, and how quarter-hours, days and months are called: from the vendor's page and
 * its clients. Whether a gateway's key opens it as it opens readings is not said.
 */
export const SUMMARIES = {
  path: "/summary/api/v2/meter",
  reports: { INTERVAL: "15", DAILY: "dy", MONTHLY: "mo" },
} as const;

/** The reading's field that holds the pulse output ratio: the meter's own name for its constant of pulses. */
export const PULSE_OUTPUT_FIELD = "CF_Ratio";

/** A v5 meter is read as a v4 one is: it has the same relays, display and directions of current. */
export const READ_VERSION = { v3: "v3", v4: "v4", v5: "v4" } as const;

/** Item numbers of the display, by the names of the values in readings (public serial library). */
export const DISPLAY_ITEMS = {
  kWh_Tot: 1,
  Rev_kWh_Tot: 2,
  RMS_Volts_Ln_1: 3,
  RMS_Volts_Ln_2: 4,
  RMS_Volts_Ln_3: 5,
  Amps_Ln_1: 6,
  Amps_Ln_2: 7,
  Amps_Ln_3: 8,
  RMS_Watts_Ln_1: 9,
  RMS_Watts_Ln_2: 10,
  RMS_Watts_Ln_3: 11,
  RMS_Watts_Tot: 12,
  Power_Factor_Ln_1: 13,
  Power_Factor_Ln_2: 14,
  Power_Factor_Ln_3: 15,
  kWh_Tariff_1: 16,
  kWh_Tariff_2: 17,
  kWh_Tariff_3: 18,
  kWh_Tariff_4: 19,
  Rev_kWh_Tariff_1: 20,
  Rev_kWh_Tariff_2: 21,
  Rev_kWh_Tariff_3: 22,
  Rev_kWh_Tariff_4: 23,
  Reactive_Pwr_Ln_1: 24,
  Reactive_Pwr_Ln_2: 25,
  Reactive_Pwr_Ln_3: 26,
  Reactive_Pwr_Tot: 27,
  Line_Freq: 28,
  Pulse_Cnt_1: 29,
  Pulse_Cnt_2: 30,
  Pulse_Cnt_3: 31,
  kWh_Ln_1: 32,
  Rev_kWh_Ln_1: 33,
  kWh_Ln_2: 34,
  Rev_kWh_Ln_2: 35,
  kWh_Ln_3: 36,
  Rev_kWh_Ln_3: 37,
  Reactive_Energy_Tot: 38,
  kWh_Rst: 39,
  Rev_kWh_Rst: 40,
  State_Inputs: 41,
  Max_Demand: 42,
  Raw_Pulse_1: 43,
  Raw_Pulse_2: 44,
  Raw_Pulse_3: 45,
  CT_Ratio: 47,
  Calc_Fwd_kWh: 51,
} as const;
