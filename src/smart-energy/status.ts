import { formatHex } from "./values.ts";

/** Status codes of the Zigbee Cluster Library. */
const NAMES: Readonly<Record<number, string>> = {
  0: "SUCCESS",
  1: "FAILURE",
  126: "NOT_AUTHORIZED",
  127: "RESERVED_FIELD_NOT_ZERO",
  128: "MALFORMED_COMMAND",
  129: "UNSUP_CLUSTER_COMMAND",
  130: "UNSUP_GENERAL_COMMAND",
  131: "UNSUP_MANUF_CLUSTER_COMMAND",
  132: "UNSUP_MANUF_GENERAL_COMMAND",
  133: "INVALID_FIELD",
  134: "UNSUPPORTED_ATTRIBUTE",
  135: "INVALID_VALUE",
  136: "READ_ONLY",
  137: "INSUFFICIENT_SPACE",
  138: "DUPLICATE_EXISTS",
  139: "NOT_FOUND",
  140: "UNREPORTABLE_ATTRIBUTE",
  141: "INVALID_DATA_TYPE",
  142: "INVALID_SELECTOR",
  143: "WRITE_ONLY",
  144: "INCONSISTENT_STARTUP_STATE",
  145: "DEFINED_OUT_OF_BAND",
  146: "INCONSISTENT",
  147: "ACTION_DENIED",
  148: "TIMEOUT",
  149: "ABORT",
  150: "INVALID_IMAGE",
  151: "WAIT_FOR_DATA",
  152: "NO_IMAGE_AVAILABLE",
  153: "REQUIRE_MORE_IMAGE",
  154: "NOTIFICATION_PENDING",
  192: "HARDWARE_FAILURE",
  193: "SOFTWARE_FAILURE",
  194: "CALIBRATION_FAILURE",
  195: "UNSUPPORTED_CLUSTER",
  // Gateways have numbers of their own above one octet.
  514: "NO_ANSWER_OF_THE_NODE",
};

export const SUCCESS = 0x00;
export const INSUFFICIENT_SPACE = 0x89;
export const DUPLICATE_EXISTS = 0x8a;
export const NOT_FOUND = 0x8b;

/** Those that say "not now". */
const PASSING: ReadonlySet<number> = new Set([0x94, 0x97, 0x9a, 0x202]);

/** A status with its name: `0x8A DUPLICATE_EXISTS`. */
export function describeStatus(status: number): string {
  const name = NAMES[status];
  return name === undefined ? formatHex(status) : `${formatHex(status)} ${name}`;
}

/** Whether the same may succeed later. */
export function isPassing(status: number): boolean {
  return PASSING.has(status);
}
