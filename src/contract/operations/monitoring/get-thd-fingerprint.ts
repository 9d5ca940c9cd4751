import { getThdFingerprint, type PhaseDistortion } from "../../../operations/monitoring/get-thd-fingerprint.ts";
import type { smMonitoring as wire } from "../../generated/index.ts";
import { nothing, wireForm } from "../wire-form.ts";

const values = ({ fingerprint }: PhaseDistortion) => ({ FingerprintValue: fingerprint });

function fromPhases([l1, l2, l3]: readonly PhaseDistortion[]): wire.ThdFingerprint {
  return {
    ThdInstantaneousCurrentL1: l1!.current,
    ThdInstantaneousCurrentFingerprintL1: values(l1!),
    ThdCurrentOverLimitCounterL1: l1!.overLimitCounter,
    ...(l2 && {
      ThdInstantaneousCurrentL2: l2.current,
      ThdInstantaneousCurrentFingerprintL2: values(l2),
      ThdCurrentOverLimitCounterL2: l2.overLimitCounter,
    }),
    ...(l3 && {
      ThdInstantaneousCurrentL3: l3.current,
      ThdInstantaneousCurrentFingerprintL3: values(l3),
      ThdCurrentOverLimitCounterL3: l3.overLimitCounter,
    }),
  };
}

export const getThdFingerprintForm = wireForm(getThdFingerprint, "sm-monitoring:GetThdFingerprint", {
  request: nothing,
  response: ({ phases }) => ({ Result: "OK", ThdFingerprint: fromPhases(phases) }),
  bundle: {
    element: "GetThdFingerprintRequest",
    request: nothing,
    answer: "GetThdFingerprintResponse",
    response: ({ phases }) => ({ Result: "OK", ThdFingerprint: fromPhases(phases) }),
  },
});
