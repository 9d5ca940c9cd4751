import { cosem } from "../../../dlms/data.ts";
import { MetergateError } from "../../../domain/errors.ts";
import { setPushSetupAlarm } from "../../../operations/configuration/set-push-setup-alarm.ts";
import type { CaptureObject } from "../../../operations/values.ts";
import { execution, missingObject, refusal, requireSuccess } from "../execution.ts";
import { attributeOf, findObject } from "../profiles/index.ts";
import { encodeCaptureObject, encodeSendDestination, TCP } from "./push-setup.ts";

function requireWholeAttributes(pushObjects: readonly CaptureObject[]): void {
  const partial = pushObjects.find(({ dataIndex }) => dataIndex !== 0);
  if (!partial) return;
  throw new MetergateError(
    "VALIDATION_ERROR",
    `PushObject contains non-zero data index: ${partial.dataIndex}. Using data index is not implemented.`,
  );
}

/** Destination first; then, when every object of the list can be read, the list. */
export const setPushSetupAlarmExecution = execution(setPushSetupAlarm, {
  missing: (profile) => missingObject(profile, "PUSH_SETUP_ALARM"),
  async run({ meter, profile }, { destination, pushObjects }) {
    const failure = "AccessResultCode for set push setup alarm was not SUCCESS: ";
    if (!destination && !pushObjects) {
      throw new MetergateError(
        "VALIDATION_ERROR",
        "SetPushSetupAlarmCommandExecutor called without any valid option set in request.",
      );
    }
    requireWholeAttributes(pushObjects ?? []);
    const object = findObject(profile, "PUSH_SETUP_ALARM");
    if (destination) {
      const value = encodeSendDestination(destination, TCP, profile.pushMessageType);
      requireSuccess(await meter.set(attributeOf(object, 3), value), failure);
    }
    if (pushObjects) {
      for (const { classId, logicalName, attribute } of pushObjects) {
        const result = await meter.tryGet({ classId, logicalName, attribute });
        if ("data" in result) continue;
        const text = `Object ${logicalName} could not be retrieved using a get request.`;
        throw refusal(`Verification of push object failed. ${text}`, [result.error]);
      }
      const value = cosem.array(pushObjects.map(encodeCaptureObject));
      requireSuccess(await meter.set(attributeOf(object, 2), value), failure);
    }
    return {};
  },
});
