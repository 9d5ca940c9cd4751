import { type CosemData, cosem } from "../../../dlms/data.ts";
import { fromHex } from "../../../lib/bytes.ts";
import { type SpecialDay, setSpecialDays } from "../../../operations/configuration/set-special-days.ts";
import { execution, missingObject, requireSuccess } from "../execution.ts";
import { attributeOf, findObject } from "../profiles/index.ts";
import { requireDate } from "../request-times.ts";

/** Attribute 2 of class 11: each entry gets its position as index. */
export function encodeSpecialDays(specialDays: readonly SpecialDay[]): CosemData {
  return cosem.array(
    specialDays.map(({ date, dayId }, index) =>
      cosem.structure([cosem.longUnsigned(index), cosem.octetString(fromHex(date)), cosem.unsigned(dayId)]),
    ),
  );
}

/** Overwrites the whole table. */
export const setSpecialDaysExecution = execution(setSpecialDays, {
  missing: (profile) => missingObject(profile, "SPECIAL_DAYS_TABLE"),
  async run({ meter, profile }, { specialDays }) {
    for (const { date } of specialDays) requireDate("specialDayDate", date);
    const entries = attributeOf(findObject(profile, "SPECIAL_DAYS_TABLE"), 2);
    const result = await meter.set(entries, encodeSpecialDays(specialDays));
    requireSuccess(result, "Set special days reported result is: ");
    return {};
  },
});
