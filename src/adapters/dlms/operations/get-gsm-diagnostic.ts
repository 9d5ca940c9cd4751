import type { CosemData } from "../../../dlms/data.ts";
import { MetergateError } from "../../../domain/errors.ts";
import { getGsmDiagnostic } from "../../../operations/management/get-gsm-diagnostic.ts";
import type { CommunicationMethod } from "../device.ts";
import { execution, missingObject } from "../execution.ts";
import {
  attributeOf,
  type FoundObject,
  findObject,
  hasObject,
  type ObjectTag,
  type Profile,
} from "../profiles/index.ts";
import { CaptureTimes } from "../readings/capture-time.ts";
import { decodeGsmDiagnostic } from "../readings/gsm-diagnostic.ts";
import type { MeterSession } from "../session.ts";

/** What meters may have a modem for, the latest first. */
const MODEMS = ["LTE_DIAGNOSTIC", "GPRS_DIAGNOSTIC", "CDMA_DIAGNOSTIC"] as const satisfies readonly ObjectTag[];
/** All of them are needed but for the time of capture, which some meters do not have. */
const [OPERATOR, CAPTURE_TIME] = [2, 8];
const NEEDED = [OPERATOR, 3, 4, 5, 6, 7];

type Needed = [CosemData, CosemData, CosemData, CosemData, CosemData, CosemData];

export const getGsmDiagnosticExecution = execution(getGsmDiagnostic, {
  missing(profile) {
    const [first] = MODEMS.map((tag) => missingObject(profile, tag)).reverse();
    return MODEMS.some((tag) => hasObject(profile, tag)) ? undefined : first;
  },
  async run({ meter, profile, device, clock }) {
    const modem = await findModem(meter, profile, device.communicationMethod);
    const attributes = await meter.getAll(NEEDED.map((attribute) => attributeOf(modem, attribute)));
    const { adjacentCells, cell, ...states } = decodeGsmDiagnostic(attributes as Needed);
    const captured = await meter.tryGet(attributeOf(modem, CAPTURE_TIME));
    const time = "data" in captured ? new CaptureTimes(device.timezone).decode(captured.data) : undefined;
    return { ...states, cell, adjacentCells, captureTimeMs: time?.epochMs ?? clock.now() };
  },
});

/** A version may have several, of which a meter has that of its own modem. */
async function findModem(meter: MeterSession, profile: Profile, method?: CommunicationMethod): Promise<FoundObject> {
  if (method !== undefined) {
    const tag = `${method}_DIAGNOSTIC` as const;
    if (hasObject(profile, tag)) return findObject(profile, tag);
    const text = `Cannot find ${tag} for communication method ${method}`;
    throw new MetergateError("OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL", text);
  }
  const possible = MODEMS.filter((tag) => hasObject(profile, tag)).map((tag) => findObject(profile, tag));
  for (const modem of possible.slice(0, -1)) {
    if ("data" in (await meter.tryGet(attributeOf(modem, OPERATOR)))) return modem;
  }
  return possible.at(-1)!;
}
