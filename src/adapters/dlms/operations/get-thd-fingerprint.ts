import { asNumber } from "../../../dlms/data.ts";
import { getThdFingerprint } from "../../../operations/monitoring/get-thd-fingerprint.ts";
import { execution, missingObject } from "../execution.ts";
import { attributeOf } from "../profiles/index.ts";
import { phasesOf } from "../readings/power-quality.ts";
import { decodeFingerprint, thdObjects } from "../readings/thd.ts";

/** L1 alone, or all phases of a meter that measures three. */
export const getThdFingerprintExecution = execution(getThdFingerprint, {
  missing: (profile) => missingObject(profile, "THD_CURRENT_L1"),
  async run({ meter, profile, device }) {
    const objects = thdObjects(profile, phasesOf(device));
    const values = await meter.getAll(
      objects.flatMap(({ current, fingerprint, overLimitCounter }) =>
        [current, fingerprint, overLimitCounter].map((object) => attributeOf(object, 2)),
      ),
    );
    return {
      phases: objects.map((_, i) => {
        const [current, fingerprint, overLimitCounter] = values.slice(3 * i);
        return {
          current: asNumber(current!, "total harmonic distortion"),
          fingerprint: decodeFingerprint(fingerprint!),
          overLimitCounter: asNumber(overLimitCounter!, "over limit counter"),
        };
      }),
    };
  },
});
