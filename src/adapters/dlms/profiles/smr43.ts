import { DSMR_4_2_2 } from "./dsmr422.ts";
import { changeProfile, gsmDiagnostic } from "./profile.ts";

export const SMR43_OBJECTS = [gsmDiagnostic("CDMA_DIAGNOSTIC", "0.1.25.6.0.255")];

export const SMR_4_3 = changeProfile(DSMR_4_2_2, {
  protocol: { name: "SMR", version: "4.3" },
  objects: SMR43_OBJECTS,
  configuration: {
    shape: "structure",
    flags: [...DSMR_4_2_2.configuration!.flags, "DIRECT_ATTACH_AT_POWER_ON"],
  },
});
