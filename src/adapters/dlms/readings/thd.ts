import { asElements, asNumber, type CosemData } from "../../../dlms/data.ts";
import { DlmsError } from "../../../dlms/errors.ts";
import { type FoundObject, findObject, type Profile } from "../profiles/index.ts";
import type { Phases } from "./power-quality.ts";

/** Numbers in the fingerprint of a current. */
const HARMONICS = 15;
const SINGLE = [1] as const;
const ALL = [1, 2, 3] as const;

/** What a meter tells of the total harmonic distortion of one phase's current; attribute 2 of each. */
export interface ThdObjects {
  readonly phase: 1 | 2 | 3;
  /** Total harmonic distortion now, in percent. */
  readonly current: FoundObject;
  /** The harmonics of the current, see {@link decodeFingerprint}. */
  readonly fingerprint: FoundObject;
  /** How often the limit was exceeded. */
  readonly overLimitCounter: FoundObject;
}

/**
 * Where meters of this profile tell it, phase by phase.
 * @throws MetergateError OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL before SMR 5.2
 */
export function thdObjects(profile: Profile, phases: Phases): ThdObjects[] {
  return (phases === "single" ? SINGLE : ALL).map((phase) => ({
    phase,
    current: findObject(profile, `THD_CURRENT_L${phase}`),
    fingerprint: findObject(profile, `THD_CURRENT_FINGERPRINT_L${phase}`),
    overLimitCounter: findObject(profile, `THD_CURRENT_OVER_LIMIT_COUNTER_L${phase}`),
  }));
}

/**
 * The harmonics of a current: 15 numbers 0 … 65535 as the meter has them.
 * @throws DlmsError `remote/unexpected-type`
 */
export function decodeFingerprint(data: CosemData): number[] {
  const values = asElements(data, "fingerprint").map((value) => asNumber(value, "harmonic"));
  if (values.length === HARMONICS) return values;
  throw new DlmsError("remote/unexpected-type", `a fingerprint of ${values.length} harmonics, not ${HARMONICS}`);
}
