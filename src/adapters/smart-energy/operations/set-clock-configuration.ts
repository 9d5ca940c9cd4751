import { MetergateError } from "../../../domain/errors.ts";
import {
  type ClockConfiguration,
  setClockConfiguration,
} from "../../../operations/configuration/set-clock-configuration.ts";
import { momentOf, NOT_YEARLY, yearlyDaylightSaving } from "../../../operations/yearly-change.ts";
import { leaf } from "../../../smart-energy/element.ts";
import {
  TIME_ATTRIBUTES,
  TIME_CLUSTER,
  TIME_ENDPOINT,
  type TimeAttribute,
} from "../../../smart-energy/time-cluster.ts";
import { asType, formatHex, toUtc2000 } from "../../../smart-energy/values.ts";
import { execution } from "../execution.ts";
import { type AttributePlace, readAttributes, writeAttributes } from "./attributes.ts";

const PLACE: AttributePlace = {
  cluster: TIME_CLUSTER,
  address: [leaf("destination_endpoint_id", formatHex(TIME_ENDPOINT))],
};

/** A value that an attribute is to have. */
type Wanted = TimeAttribute & { readonly value: number };

/**
 * The gateway's clock counts in UTC; what it tells its network of local time is the distance, and one stretch of daylight
 * saving with its moments: the one that is, or comes next. So that a year later the same is to be sent again.
 */
export const setClockConfigurationExecution = execution(
  setClockConfiguration,
  async (context, request) => {
    const wanted = attributesOf(request, context.clock.now());
    if (!wanted) throw new MetergateError("OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL", NOT_YEARLY);
    const written = wanted.map(({ id, typeCode, value }) => ({ id, typeCode, value }));
    await writeAttributes(context, PLACE, written);
    const { values } = await readAttributes(
      context,
      PLACE,
      wanted.map(({ id }) => id),
    );
    const other = wanted.find(({ id, type, value }) => asType(values.get(id) ?? Number.NaN, type) !== value);
    if (!other) return {};
    const text = `the gateway was given the attribute ${formatHex(other.id)} of its time and does not have it`;
    throw new MetergateError("DEVICE_REFUSED", text);
  },
  (_, request) => (request && !attributesOf(request, 0) ? NOT_YEARLY : undefined),
  "gateway",
);

/** Undefined when daylight saving is not something of every year. */
function attributesOf(configuration: ClockConfiguration, nowMs: number): readonly Wanted[] | undefined {
  const { zone, dstStart, dstEnd, dstShift } = TIME_ATTRIBUTES;
  const { timeZoneOffsetMinutes: standard, daylightSavingsEnabled } = configuration;
  // The contract counts from local time to UTC, the cluster the other way.
  const offset = { ...zone, value: 0 - standard * 60 };
  if (!daylightSavingsEnabled) return [offset, { ...dstShift, value: 0 }];
  const saving = yearlyDaylightSaving(configuration);
  if (!saving) return undefined;
  const { begin, end, deviationMinutes: summer } = saving;
  const year = new Date(nowMs).getUTCFullYear();
  const years = [year - 1, year, year + 1];
  const endMs = years.map((each) => momentOf(end, each, summer)).find((moment) => moment > nowMs)!;
  const startMs = [year - 2, ...years]
    .map((each) => momentOf(begin, each, standard))
    .findLast((moment) => moment < endMs)!;
  return [
    offset,
    { ...dstStart, value: toUtc2000(startMs) },
    { ...dstEnd, value: toUtc2000(endMs) },
    { ...dstShift, value: (standard - summer) * 60 },
  ];
}
