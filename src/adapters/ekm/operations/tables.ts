import type { TariffTables } from "../../../operations/ekm.ts";
import { decodeTariffTables } from "../codec/tariff-tables.ts";
import type { MeterSession } from "../meter-session.ts";

/** The tables of a meter that say which tariff counts. */
export async function readTables(meter: MeterSession): Promise<TariffTables> {
  return decodeTariffTables(await meter.ask("GetSchedules"));
}
