import { gsmDiagnostic } from "../classes/diagnostics.ts";
import { DSMR_4_2_2 } from "./dsmr422.ts";
import { type MeterProfile, objectMap } from "./profile.ts";

/** Packet switched status of a CDMA network (class 47, attribute 5). */
export const PACKETS_OVER_CDMA = 6;

/** SMR 4.3: DSMR 4.2.2 with a CDMA modem. */
export const SMR_4_3: MeterProfile = {
  ...DSMR_4_2_2,
  protocol: "SMR",
  version: "4.3",
  initialInvocationCounter: 12_345,
  objects: objectMap(
    [...DSMR_4_2_2.objects.values()],
    [gsmDiagnostic("0.1.25.6.0.255", "Utility Connect", PACKETS_OVER_CDMA)],
  ),
};
