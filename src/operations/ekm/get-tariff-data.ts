import type { TariffEnergy } from "../ekm.ts";
import { defineOperation, type Nothing } from "../operation.ts";

export interface TariffMonths {
  /** 1 is the latest complete month. */
  readonly months: readonly {
    readonly monthsAgo: number;
    readonly forward?: TariffEnergy | undefined;
    readonly reverse?: TariffEnergy | undefined;
  }[];
}

/** Reads what the tariffs of the last six months were. */
export const getTariffData = defineOperation<Nothing, TariffMonths>({
  name: "GetTariffData",
  group: "MONITORING",
  effect: "reads",
  notification: "GET_TARIFF_DATA",
  failure: "fault",
});
