import { MetergateError } from "../../../domain/errors.ts";
import {
  getPowerQualityProfile,
  type PowerQualityEntries,
} from "../../../operations/monitoring/get-power-quality-profile.ts";
import { execution, type OperationContext } from "../execution.ts";
import { type FoundObject, findObject, hasObject, type ObjectTag, type Profile } from "../profiles/index.ts";
import { capturedValues, type PowerQualityValue, periodicPowerQuality, phasesOf } from "../readings/power-quality.ts";
import { isSameColumn } from "../readings/profile-access.ts";
import { readProfile } from "../readings/profile-reader.ts";
import { scaledText } from "../readings/scaler-unit.ts";
import { readMeanings } from "./measured-values.ts";

const PROFILES = [
  "DEFINABLE_LOAD_PROFILE",
  "POWER_QUALITY_PROFILE_1",
  "POWER_QUALITY_PROFILE_2",
] as const satisfies readonly ObjectTag[];
/** Profiles that a response of the contract has room for. */
const MOST_PROFILES = 2;

function profilesOf(profile: Profile): FoundObject[] {
  return PROFILES.filter((tag) => hasObject(profile, tag)).map((tag) => findObject(profile, tag));
}

/** What each profile captures of the values in question, which clients choose when they configure it. */
export const getPowerQualityProfileExecution = execution(getPowerQualityProfile, {
  missing: (profile) =>
    profilesOf(profile).length > 0
      ? undefined
      : `No PQ profile found in profile ${profile.protocol.name} version ${profile.protocol.version}`,
  async run(context, { profileType, selected, ...range }) {
    const all = periodicPowerQuality(context.profile, profileType, phasesOf(context.device));
    const values = selected ? all.filter((value) => selected.some((one) => isSameColumn(one, value))) : all;
    const found: PowerQualityEntries[] = [];
    for (const object of profilesOf(context.profile)) found.push(await readValues(context, object, range, values));
    return { profileType, profiles: fitting(found) };
  },
});

async function readValues(
  context: OperationContext,
  object: FoundObject,
  range: { readonly beginMs: number; readonly endMs: number },
  values: readonly PowerQualityValue[],
): Promise<PowerQualityEntries> {
  const { columns, rows } = await readProfile(context, object, {
    range,
    wanted: (column) => values.some((value) => isSameColumn(value, column)),
  });
  const captured = capturedValues(columns, values);
  const meanings = await readMeanings(
    context.meter,
    captured.map(({ value }) => value),
  );
  return {
    profile: object.logicalName,
    columns: captured.map(({ value: { classId, logicalName, attribute, dataIndex } }, i) => {
      const { unit, isCount } = meanings[i]!;
      return { classId, logicalName, attribute, dataIndex, unit, isCount };
    }),
    entries: rows.map((row) => ({
      time: row.time,
      values: captured.map(({ column }, i) => {
        const data = row.values[column];
        return (data && scaledText(data, meanings[i]!.scaler)) ?? null;
      }),
    })),
  };
}

/**
 * One or two profiles, as the contract has it; one without values when no profile captures any.
 * @throws MetergateError VALIDATION_ERROR when three hold values
 */
function fitting(found: readonly PowerQualityEntries[]): PowerQualityEntries[] {
  const capturing = found.filter(({ columns }) => columns.length > 0);
  if (capturing.length === 0) return found.slice(0, 1);
  if (capturing.length <= MOST_PROFILES) return capturing;
  const filled = capturing.filter(({ entries }) => entries.length > 0);
  if (filled.length <= MOST_PROFILES) return filled.length > 0 ? filled : capturing.slice(0, 1);
  const names = filled.map(({ profile }) => profile).join(", ");
  const text = `${names} hold such values, and a response has room for ${MOST_PROFILES} profiles: name SelectedValues`;
  throw new MetergateError("VALIDATION_ERROR", text);
}
