import { associationObject } from "../classes/association.ts";
import { monthlyRows, periodicRows } from "../classes/capture-schedule.ts";
import { mbusClient } from "../classes/mbus-client.ts";
import { CLOCK_COLUMN, column, profileGeneric } from "../classes/profile-generic.ts";
import type { CosemObject } from "../cosem-object.ts";
import { CHANNELS, COMMON_OBJECTS } from "./common.ts";
import { combinedColumns, hourlyGas } from "./gas.ts";
import { basicPowerQuality } from "./power-quality.ts";
import { type MeterProfile, objectMap } from "./profile.ts";

const TARIFF_COLUMNS = ["1.0.1.8.1.255", "1.0.1.8.2.255", "1.0.2.8.1.255", "1.0.2.8.2.255"].map((name) =>
  column(`3/${name}/2`),
);
const GAS_COLUMNS = CHANNELS.flatMap(combinedColumns);

/** Up to SMR 4.3 electricity and gas share one daily and one monthly profile. */
const COMBINED_PROFILES: readonly CosemObject[] = [
  profileGeneric("1.0.99.2.0.255", {
    columns: [CLOCK_COLUMN, column("1/0.0.96.10.2.255/2"), ...TARIFF_COLUMNS, ...GAS_COLUMNS],
    capturePeriodS: 86_400,
    entries: 40,
    rows: periodicRows,
  }),
  profileGeneric("0.0.98.1.0.255", {
    columns: [CLOCK_COLUMN, ...TARIFF_COLUMNS, ...GAS_COLUMNS],
    capturePeriodS: 0,
    entries: 13,
    rows: monthlyRows,
  }),
];

/** DSMR 2.2: password and ciphering, no push, no firmware transfer, no configuration object. */
export const DSMR_2_2: MeterProfile = {
  protocol: "DSMR",
  version: "2.2",
  mbusClientVersion: 0,
  initialInvocationCounter: 0,
  pushFormat: "dsmr4",
  objects: objectMap(
    COMMON_OBJECTS,
    [associationObject(0)],
    basicPowerQuality({ volt: 0, ampere: 0 }),
    COMBINED_PROFILES,
    CHANNELS.map((channel) => mbusClient(channel, 0, false)),
    CHANNELS.flatMap((channel) => hourlyGas(channel, false)),
  ),
};
