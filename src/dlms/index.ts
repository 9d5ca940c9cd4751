/** A DLMS/COSEM library without I/O: octets in, values and octets out. */
export * from "./apdu.ts";
export { decodeApdu, encodeApdu } from "./apdu-codec.ts";
export * from "./data.ts";
export { decodeData, encodeData } from "./data-codec.ts";
export { MAX_DATA_DEPTH } from "./data-depth.ts";
export * from "./date-time.ts";
export * from "./date-time-text.ts";
export { DLMS_ERROR_CODES, DlmsError, type DlmsErrorCode } from "./errors.ts";
