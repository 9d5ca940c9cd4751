import { associationObject } from "../classes/association.ts";
import { monthlyRows, periodicRows } from "../classes/capture-schedule.ts";
import { gsmDiagnostic, mbusDiagnostic } from "../classes/diagnostics.ts";
import { eventLog } from "../classes/event-log.ts";
import { IMAGE_TRANSFER } from "../classes/image-transfer.ts";
import { mbusClient } from "../classes/mbus-client.ts";
import { type CaptureObject, CLOCK_COLUMN, column, profileGeneric } from "../classes/profile-generic.ts";
import { pushSetup } from "../classes/push-setup.ts";
import { textObject } from "../classes/simple-objects.ts";
import type { CosemObject } from "../cosem-object.ts";
import {
  ADMINISTRATIVE_STATUS,
  CHANNELS,
  COMMON_OBJECTS,
  CONFIGURATION_FLAGS,
  firmwareSignatures,
  INVOCATION_COUNTER,
  RANDOMISATION_SETTINGS,
  statusObject,
} from "./common.ts";
import { COMMUNICATION_SESSION_LOG } from "./dsmr422.ts";
import { smr5Gas } from "./gas.ts";
import { basicPowerQuality, columnsNamed, extendedPowerQuality, valueColumns } from "./power-quality.ts";
import { type MeterProfile, objectMap } from "./profile.ts";
import { PACKETS_OVER_CDMA } from "./smr43.ts";

const SCALERS = { volt: -1, ampere: -2 };
const POWER_QUALITY: readonly CosemObject[] = [...basicPowerQuality(SCALERS), ...extendedPowerQuality(SCALERS, 4)];
const PACKETS_OVER_GPRS = 1;
/** The push is an xDLMS APDU. */
export const XDLMS_MESSAGE = 0;

const TARIFF_COLUMNS = ["1.0.1.8.1.255", "1.0.1.8.2.255", "1.0.2.8.1.255", "1.0.2.8.2.255"].map((name) =>
  column(`3/${name}/2`),
);

/** Signal quality and bit error rate of the modems, and status of the M-Bus devices. */
const MODEM_COLUMNS: readonly CaptureObject[] = ["47/0.0.25.6.0.255/6", "47/0.1.25.6.0.255/6", "47/0.2.25.6.0.255/6"]
  .map(column)
  .flatMap((object) => [
    { ...object, dataIndex: 3 },
    { ...object, dataIndex: 4 },
  ]);
const SELECTABLE: readonly CaptureObject[] = [
  ...valueColumns(POWER_QUALITY),
  ...MODEM_COLUMNS,
  ...CHANNELS.map((channel) => column(`4/0.${channel}.24.2.6.255/2`)),
];

function loadProfile(logicalName: string, capturePeriodS: number, entries: number, delivered: readonly string[]) {
  return profileGeneric(logicalName, {
    columns: [CLOCK_COLUMN, ...columnsNamed(POWER_QUALITY, delivered)],
    capturePeriodS,
    entries,
    selectable: { columns: SELECTABLE, most: 20 },
    rows: periodicRows,
  });
}

const ELECTRICITY_PROFILES: readonly CosemObject[] = [
  statusObject("0.0.96.10.4.255"),
  profileGeneric("1.0.99.2.0.255", {
    columns: [CLOCK_COLUMN, column("1/0.0.96.10.4.255/2"), ...TARIFF_COLUMNS],
    capturePeriodS: 86_400,
    entries: 40,
    rows: periodicRows,
  }),
  statusObject("0.0.96.10.6.255"),
  profileGeneric("1.0.98.1.0.255", {
    columns: [CLOCK_COLUMN, column("1/0.0.96.10.6.255/2"), ...TARIFF_COLUMNS],
    capturePeriodS: 0,
    entries: 13,
    rows: monthlyRows,
  }),
  loadProfile("0.1.94.31.6.255", 900, 960, ["1.0.32.24.0.255", "1.0.52.24.0.255", "1.0.72.24.0.255"]),
  loadProfile("1.0.99.1.1.255", 900, 960, ["1.0.21.4.0.255", "1.0.41.4.0.255", "1.0.61.4.0.255"]),
  loadProfile("1.0.99.1.2.255", 600, 1440, ["1.0.32.24.0.255", "1.0.52.24.0.255", "1.0.72.24.0.255"]),
];

/** SMR 5.0.0: power quality, five-minute gas values, M-Bus client version 1, push as data-notification. */
export const SMR_5_0_0: MeterProfile = {
  protocol: "SMR",
  version: "5.0.0",
  mbusClientVersion: 1,
  initialInvocationCounter: 12_345,
  pushFormat: "smr5",
  objects: objectMap(
    COMMON_OBJECTS,
    [
      associationObject(3),
      ...firmwareSignatures(0, 1, 2, 4),
      textObject("1.3.0.2.0.255", "50"),
      textObject("1.4.0.2.0.255", "M00 0000"),
      ADMINISTRATIVE_STATUS,
      CONFIGURATION_FLAGS,
      RANDOMISATION_SETTINGS,
      INVOCATION_COUNTER,
      pushSetup("0.1.25.9.0.255", "tcp", XDLMS_MESSAGE),
      pushSetup("0.2.25.9.0.255", "tcp", XDLMS_MESSAGE),
      IMAGE_TRANSFER,
      gsmDiagnostic("0.1.25.6.0.255", "Utility Connect", PACKETS_OVER_CDMA),
      gsmDiagnostic("0.0.25.6.0.255", "KPN NL", PACKETS_OVER_GPRS),
    ],
    COMMUNICATION_SESSION_LOG,
    POWER_QUALITY,
    ELECTRICITY_PROFILES,
    CHANNELS.map((channel) => mbusClient(channel, 1)),
    CHANNELS.map(mbusDiagnostic),
    CHANNELS.flatMap(smr5Gas),
    eventLog({
      name: "power-quality",
      logicalName: "0.0.99.98.5.255",
      codeObject: "0.0.96.11.5.255",
      codeType: "unsigned",
      entries: 100,
      codes: [77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 90],
    }),
  ),
};
