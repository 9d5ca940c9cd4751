import type { AttributeReference } from "../../../dlms/apdu.ts";
import { asElements, type CosemData } from "../../../dlms/data.ts";
import { MetergateError } from "../../../domain/errors.ts";
import { accessByRange } from "../readings/profile-access.ts";
import type { MeterSession } from "../session.ts";

/** Epoch milliseconds, both ends included; the meter is told them in its time zone. */
export interface TimeRange {
  readonly fromMs: number;
  readonly untilMs: number;
  /** IANA name. */
  readonly timeZone: string;
}

/**
 * The entries of a profile in a time. A meter without selective access sends all that it has, and some send more than
 * they were asked for: the range is for whoever reads the entries to look at again. What comes is bounded by what the
 * client takes for one answer.
 * @param buffer attribute 2 of class 7
 */
export async function readBuffer(
  meter: MeterSession,
  buffer: AttributeReference,
  { fromMs, untilMs, timeZone }: TimeRange,
): Promise<readonly CosemData[]> {
  return entriesOf(await readSelected(meter, { ...buffer, access: accessByRange(fromMs, untilMs, timeZone) }));
}

/** The entries of a buffer that was read; null-data is how some meters say that there are none. */
export function entriesOf(data: CosemData): readonly CosemData[] {
  return data.type === "null-data" ? [] : asElements(data, "buffer");
}

async function readSelected(meter: MeterSession, selected: AttributeReference): Promise<CosemData> {
  try {
    return await meter.get(selected);
  } catch (error) {
    const cannotSelect = error instanceof MetergateError && error.context.dlmsCode === "local/not-negotiated";
    if (!cannotSelect) throw error;
    const { access: _, ...whole } = selected;
    return meter.get(whole);
  }
}
