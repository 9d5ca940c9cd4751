import type { Hex } from "../lib/bytes.ts";
import type { ObisCode } from "../lib/obis.ts";

/** COSEM date, 5 octets (year, month, day of month, day of week), with the wildcards of the Blue Book. */
export type CosemDateHex = Hex;
/** COSEM time, 4 octets. */
export type CosemTimeHex = Hex;
/** COSEM date-time, 12 octets. */
export type CosemDateTimeHex = Hex;

/** M-Bus channel of an electricity meter, 1 … 4. */
export type Channel = number;

export interface CaptureObject {
  readonly classId: number;
  readonly logicalName: ObisCode;
  readonly attribute: number;
  readonly dataIndex: number;
}

/** Who a push goes to. */
export interface PushDestination {
  readonly host: string;
  /** 1 … 65535 */
  readonly port: number;
}
