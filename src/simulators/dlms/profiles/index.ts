import { SimulatorError } from "../errors.ts";
import { DSMR_2_2 } from "./dsmr22.ts";
import { DSMR_4_2_2 } from "./dsmr422.ts";
import type { MeterProfile } from "./profile.ts";
import { SMR_4_3 } from "./smr43.ts";
import { SMR_5_1 } from "./smr51.ts";
import { SMR_5_2 } from "./smr52.ts";
import { SMR_5_5 } from "./smr55.ts";
import { SMR_5_0_0 } from "./smr500.ts";

/** Every companion standard that can be simulated, by the name that the command line takes. */
export const PROFILES: ReadonlyMap<string, MeterProfile> = new Map(
  [DSMR_2_2, DSMR_4_2_2, SMR_4_3, SMR_5_0_0, SMR_5_1, SMR_5_2, SMR_5_5].map((profile) => [nameOf(profile), profile]),
);

/** `smr5.0.0` */
function nameOf({ protocol, version }: MeterProfile): string {
  return protocol.toLowerCase() + version;
}

/**
 * The profile of a name such as `smr5.0.0`, in any case.
 * @throws SimulatorError when there is none.
 */
export function profileNamed(name: string): MeterProfile {
  const profile = PROFILES.get(name.toLowerCase());
  if (profile) return profile;
  const known = [...PROFILES.keys()].join(", ");
  throw new SimulatorError("simulator/unknown-profile", `no profile ${name}; there are ${known}`);
}
