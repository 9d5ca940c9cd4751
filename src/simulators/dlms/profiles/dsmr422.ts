import { associationObject } from "../classes/association.ts";
import { periodicRows } from "../classes/capture-schedule.ts";
import { eventLog } from "../classes/event-log.ts";
import { IMAGE_TRANSFER } from "../classes/image-transfer.ts";
import { mbusClient } from "../classes/mbus-client.ts";
import { CLOCK_COLUMN, column, profileGeneric } from "../classes/profile-generic.ts";
import { pushSetup } from "../classes/push-setup.ts";
import { dataObject, textObject } from "../classes/simple-objects.ts";
import { type CosemObject, readOnly } from "../cosem-object.ts";
import { longUnsigned } from "../values.ts";
import {
  ADMINISTRATIVE_STATUS,
  CHANNELS,
  CONFIGURATION_WITH_MODE,
  firmwareSignatures,
  INVOCATION_COUNTER,
  RANDOMISATION_SETTINGS,
} from "./common.ts";
import { DSMR_2_2 } from "./dsmr22.ts";
import { hourlyGas } from "./gas.ts";
import { basicPowerQuality, columnsNamed, extendedPowerQuality, valueColumns } from "./power-quality.ts";
import { type MeterProfile, objectMap } from "./profile.ts";

const SCALERS = { volt: 0, ampere: 0 };
const POWER_QUALITY: readonly CosemObject[] = [...basicPowerQuality(SCALERS), ...extendedPowerQuality(SCALERS, 24)];
/** Manufacturer specific, the message type of a push that is no xDLMS APDU. */
const MANUFACTURER_MESSAGE = 128;

/** The log of communication sessions counts them in a column of its own. */
export const COMMUNICATION_SESSION_LOG: readonly CosemObject[] = [
  dataObject(
    "0.0.96.15.4.255",
    readOnly("long-unsigned", longUnsigned(2190), { captured: (_meter, _timeMs, row) => longUnsigned(row + 1) }),
  ),
  ...eventLog({
    name: "communication",
    logicalName: "0.0.99.98.4.255",
    codeObject: "0.0.96.11.4.255",
    codeType: "unsigned",
    entries: 2190,
    codes: [71, 72, 73, 74, 75, 76],
    extra: [column("1/0.0.96.15.4.255/2")],
  }),
];

/** DSMR 4.2.2: what came with HLS5, push, firmware transfer, configuration and load profile. */
export const DSMR_4_2_2: MeterProfile = {
  protocol: "DSMR",
  version: "4.2.2",
  mbusClientVersion: 0,
  initialInvocationCounter: 0,
  pushFormat: "dsmr4",
  objects: objectMap(
    [...DSMR_2_2.objects.values()],
    [
      associationObject(1),
      ...firmwareSignatures(0, 1, 2),
      textObject("1.3.0.2.0.255", "42"),
      ADMINISTRATIVE_STATUS,
      CONFIGURATION_WITH_MODE,
      RANDOMISATION_SETTINGS,
      INVOCATION_COUNTER,
      pushSetup("0.1.25.9.0.255", "tcp", MANUFACTURER_MESSAGE),
      pushSetup("0.2.25.9.0.255", "tcp", MANUFACTURER_MESSAGE),
      IMAGE_TRANSFER,
      profileGeneric("0.1.94.31.6.255", {
        columns: [
          CLOCK_COLUMN,
          ...columnsNamed(POWER_QUALITY, ["1.0.32.24.0.255", "1.0.52.24.0.255", "1.0.72.24.0.255"]),
        ],
        capturePeriodS: 900,
        entries: 960,
        selectable: { columns: valueColumns(POWER_QUALITY), most: 20 },
        rows: periodicRows,
      }),
    ],
    COMMUNICATION_SESSION_LOG,
    POWER_QUALITY,
    CHANNELS.map((channel) => mbusClient(channel, 0)),
    CHANNELS.flatMap((channel) => hourlyGas(channel, true)),
  ),
};
