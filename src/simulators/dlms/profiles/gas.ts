import { asNumber } from "../../../dlms/data.ts";
import { fromHex } from "../../../lib/bytes.ts";
import { monthlyRows, periodicRows } from "../classes/capture-schedule.ts";
import { type CaptureObject, CLOCK_COLUMN, column, profileGeneric } from "../classes/profile-generic.ts";
import { dataObject, extendedRegister, gasVolume } from "../classes/simple-objects.ts";
import { type CosemObject, writable } from "../cosem-object.ts";
import { asciiOctets, doubleLongUnsigned, octetString } from "../values.ts";
import { CHANNELS, statusObject } from "./common.ts";

const HOUR_MS = 3_600_000;
const FIVE_MINUTES_MS = 300_000;
/** Cubic metres with three decimals, as meters of sizes G4 and G6 count. */
const GAS_SCALER = -3;

/** First gas volume of a channel on delivery, in thousandths of a cubic metre. */
const volumeOf = (channel: number) => 1_000_000 * channel + 234_567;

/** Value and capture time of an hourly volume, as columns. */
function volumeColumns(master: string): CaptureObject[] {
  return [column(`4/${master}/2`), column(`4/${master}/5`)];
}

/** Up to SMR 4.3: one volume an hour, and its profile; the capture time is a column from DSMR 4.2.2 on. */
export function hourlyGas(channel: number, withCaptureTime: boolean): CosemObject[] {
  const master = `0.${channel}.24.2.1.255`;
  const columns = volumeColumns(master).slice(0, withCaptureTime ? 2 : 1);
  return [gasVolume(master, volumeOf(channel), GAS_SCALER, HOUR_MS), ...intervalProfile(channel, columns)];
}

/** Columns that the combined daily and monthly profiles hold of a channel. */
export function combinedColumns(channel: number): CaptureObject[] {
  return volumeColumns(`0.${channel}.24.2.1.255`);
}

function intervalProfile(channel: number, columns: readonly CaptureObject[]): CosemObject[] {
  const status = `0.${channel}.96.10.3.255`;
  return [
    statusObject(status),
    profileGeneric(`0.${channel}.24.3.0.255`, {
      columns: [CLOCK_COLUMN, column(`1/${status}/2`), ...columns],
      capturePeriodS: 3600,
      entries: 240,
      rows: periodicRows,
    }),
  ];
}

/** simple_version_info of the gas meters on the four channels. */
const SIMPLE_VERSION_INFO = ["2f25b15a", "19180706", "00400011", "2cff4501"] as const;

/** Status bits of the devices on the four channels. */
const MBUS_STATUS = CHANNELS.map((channel) =>
  extendedRegister(`0.${channel}.24.2.6.255`, "double-long-unsigned", doubleLongUnsigned(0)),
);

/** SMR 5: hourly and five-minute volume, three profiles, M-Bus status and what is known of the device. */
export function smr5Gas(channel: number): CosemObject[] {
  const master = `0.${channel}.24.2.2.255`;
  const columns = volumeColumns(master);
  const daily = `0.${channel}.96.10.5.255`;
  const monthly = `0.${channel}.96.10.7.255`;
  return [
    gasVolume(master, volumeOf(channel), GAS_SCALER, HOUR_MS),
    gasVolume(`0.${channel}.24.2.1.255`, volumeOf(channel), GAS_SCALER, FIVE_MINUTES_MS),
    ...intervalProfile(channel, columns),
    statusObject(daily),
    profileGeneric(`0.${channel}.24.3.1.255`, {
      columns: [CLOCK_COLUMN, column(`1/${daily}/2`), ...columns],
      capturePeriodS: 86_400,
      entries: 40,
      rows: periodicRows,
    }),
    statusObject(monthly),
    profileGeneric(`0.${channel}.24.3.2.255`, {
      columns: [CLOCK_COLUMN, column(`1/${monthly}/2`), ...columns],
      capturePeriodS: 0,
      entries: 13,
      rows: monthlyRows,
    }),
    MBUS_STATUS[channel - 1]!,
    extendedRegister(`0.${channel}.24.2.7.255`, "octet-string", asciiOctets("G4")),
    extendedRegister(`0.${channel}.24.2.8.255`, "octet-string", octetString(fromHex("01"))),
    extendedRegister(`0.${channel}.24.2.9.255`, "octet-string", octetString(fromHex("01000000"))),
    extendedRegister(`0.${channel}.24.2.10.255`, "octet-string", octetString(fromHex("02000000"))),
    extendedRegister(
      `0.${channel}.24.2.11.255`,
      "octet-string",
      octetString(fromHex(SIMPLE_VERSION_INFO[channel - 1]!)),
    ),
  ];
}

/** From SMR 5.1: writing a mask clears those bits of the channel's M-Bus status. */
export function clearMbusStatus(channel: number): CosemObject {
  const status = MBUS_STATUS[channel - 1]!.attributes.get(2)!;
  return dataObject(
    `0.${channel}.94.31.10.255`,
    writable("double-long-unsigned", doubleLongUnsigned(0), {
      changed: (meter, mask) => {
        const present = asNumber(meter.value(status));
        meter.store(status, doubleLongUnsigned((present & ~asNumber(mask)) >>> 0));
      },
    }),
  );
}
