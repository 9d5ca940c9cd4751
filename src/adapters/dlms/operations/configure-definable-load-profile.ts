import { type CosemData, cosem } from "../../../dlms/data.ts";
import { parseObis } from "../../../lib/obis.ts";
import { configureDefinableLoadProfile } from "../../../operations/configuration/configure-definable-load-profile.ts";
import type { CaptureObject } from "../../../operations/values.ts";
import { execution, missingObject, requireSuccess } from "../execution.ts";
import { attributeOf, findObject } from "../profiles/index.ts";
import { encodeCaptureObject } from "./push-setup.ts";

const CLOCK: CaptureObject = { classId: 8, logicalName: parseObis("0.0.1.0.0.255"), attribute: 2, dataIndex: 0 };

const isClock = ({ classId, logicalName, attribute }: CaptureObject) =>
  classId === CLOCK.classId && logicalName === CLOCK.logicalName && attribute === CLOCK.attribute;

/** capture_objects (class 7, attribute 3): the clock in front, whether or not the request names it. */
export function encodeCaptureObjects(captureObjects: readonly CaptureObject[]): CosemData {
  return cosem.array([CLOCK, ...captureObjects.filter((object) => !isClock(object))].map(encodeCaptureObject));
}

const failure = (attribute: string) =>
  `Attribute '${attribute}' of the definable load profile was not set successfully. ResultCode: `;

export const configureDefinableLoadProfileExecution = execution(configureDefinableLoadProfile, {
  missing: (profile) => missingObject(profile, "DEFINABLE_LOAD_PROFILE"),
  async run({ meter, profile }, { captureObjects, capturePeriodS }) {
    const object = findObject(profile, "DEFINABLE_LOAD_PROFILE");
    if (captureObjects) {
      const result = await meter.set(attributeOf(object, 3), encodeCaptureObjects(captureObjects));
      requireSuccess(result, failure("capture objects"));
    }
    if (capturePeriodS !== undefined) {
      const result = await meter.set(attributeOf(object, 4), cosem.doubleLongUnsigned(capturePeriodS));
      requireSuccess(result, failure("capture period"));
    }
    return {};
  },
});
