import { alarmFilter, alarmRegister } from "../classes/alarms.ts";
import { gsmDiagnostic } from "../classes/diagnostics.ts";
import { eventLog } from "../classes/event-log.ts";
import { column } from "../classes/profile-generic.ts";
import { dataObject, measuredValue, measurement, registerObject } from "../classes/simple-objects.ts";
import { type CosemObject, readOnly, writable } from "../cosem-object.ts";
import { array, doubleLongUnsigned, longUnsigned, UNITS } from "../values.ts";
import { type MeterProfile, objectMap } from "./profile.ts";
import { SMR_5_1 } from "./smr51.ts";

const PACKETS_OVER_LTE = 5;
/** Total harmonic distortion of three phases: group C of the currents, and group E of the fingerprints. */
const THD_PHASES = [
  { current: 31, fingerprint: 24 },
  { current: 51, fingerprint: 25 },
  { current: 71, fingerprint: 26 },
] as const;
const HARMONICS = 15;

const percent = (logicalName: string, present: number) =>
  registerObject(logicalName, writable("long-unsigned", longUnsigned(present)), 0, UNITS.percent);
const seconds = (logicalName: string, present: number) =>
  registerObject(logicalName, writable("double-long-unsigned", doubleLongUnsigned(present)), 0, UNITS.second);

const THD_SETTINGS: readonly CosemObject[] = [
  percent("1.0.11.35.124.255", 8),
  percent("0.1.94.31.21.255", 1),
  seconds("0.1.94.31.22.255", 60),
  seconds("0.1.94.31.23.255", 60),
  seconds("1.0.11.44.124.255", 600),
];

const THD_VALUES: readonly CosemObject[] = THD_PHASES.flatMap(({ current, fingerprint }) => [
  measurement(`1.0.${current}.7.124.255`, 4, 0, UNITS.percent),
  measurement(`1.0.${current}.36.124.255`, 9, 0, UNITS.percent),
  dataObject(
    `0.1.94.31.${fingerprint}.255`,
    readOnly(
      { array: "long-unsigned" },
      array(Array.from({ length: HARMONICS }, (_, harmonic) => longUnsigned(HARMONICS - harmonic))),
    ),
  ),
]);

const LOGS: readonly CosemObject[] = [
  dataObject("0.0.96.11.20.255", measuredValue(2070)),
  dataObject("0.0.96.11.21.255", measuredValue(50)),
  dataObject("0.0.96.11.22.255", measuredValue(9)),
  ...eventLog({
    name: "power-quality-extended",
    logicalName: "0.0.99.98.7.255",
    codeObject: "0.0.96.11.7.255",
    codeType: "unsigned",
    entries: 20,
    codes: [93, 94, 95, 96, 97, 98],
    extra: [column("1/0.0.96.11.20.255/2"), column("1/0.0.96.11.21.255/2")],
  }),
  ...eventLog({
    name: "power-quality-thd",
    logicalName: "0.0.99.98.8.255",
    codeObject: "0.0.96.11.8.255",
    codeType: "unsigned",
    entries: 100,
    codes: [51, 52, 53, 54, 55, 56, 57, 58, 59],
    extra: [column("1/0.0.96.11.22.255/2")],
  }),
];

/** SMR 5.2: harmonic distortion, a second alarm register, LTE. */
export const SMR_5_2: MeterProfile = {
  ...SMR_5_1,
  version: "5.2",
  objects: objectMap(
    [...SMR_5_1.objects.values()],
    [
      alarmRegister("0.0.97.98.1.255"),
      alarmFilter("0.0.97.98.11.255"),
      gsmDiagnostic("0.2.25.6.0.255", "KPN NL", PACKETS_OVER_LTE),
    ],
    THD_SETTINGS,
    THD_VALUES,
    LOGS,
  ),
};
