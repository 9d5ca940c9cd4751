/** A DLMS/COSEM library without I/O: octets in, values and octets out. */
export { type ObisCode, obisFromBytes, obisToBytes, parseObis } from "../lib/obis.ts";
export * from "./apdu.ts";
export { decodeApdu, encodeApdu } from "./apdu-codec.ts";
export type { ClientState, Referencing, ServerState } from "./association.ts";
export { DlmsClient, type RequestOptions } from "./client.ts";
export type {
  ClientCiphering,
  ClientEvent,
  ClientSecurity,
  DlmsClientOptions,
  Negotiated,
} from "./client-options.ts";
export * from "./data.ts";
export { decodeData, encodeData } from "./data-codec.ts";
export { MAX_DATA_DEPTH } from "./data-depth.ts";
export * from "./date-time.ts";
export * from "./date-time-text.ts";
export { type ApduSender, describeApdu, describeData, explainApdu } from "./describe.ts";
export { DLMS_ERROR_CODES, DlmsError, type DlmsErrorCode } from "./errors.ts";
export { encodeUnconfirmedBlocks } from "./general-block-transfer.ts";
export { HdlcApduLink } from "./hdlc-apdu-link.ts";
export { InvocationCounter, MAX_INVOCATION_COUNTER } from "./invocation-counter.ts";
export type { Link, LinkEvent } from "./link.ts";
export {
  type NotificationApdu,
  type NotificationKeys,
  NotificationReceiver,
  type NotificationReceiverOptions,
  type NotificationStep,
  type OpenedNotification,
  openNotification,
} from "./notification.ts";
export * from "./object-list.ts";
export type { CipheringForm } from "./secure-channel.ts";
export * from "./security.ts";
export { DlmsServer } from "./server.ts";
export type {
  DlmsServerOptions,
  ServerAssociation,
  ServerCiphering,
  ServerEvent,
  ServerHooks,
  ServerSecurity,
} from "./server-options.ts";
export type * from "./services.ts";
export {
  DLMS_TCP_PORT,
  encodeWrapperFrame,
  type WrapperAddresses,
  WrapperClientLink,
  WrapperDecoder,
  type WrapperFrame,
  WrapperServerLink,
} from "./wrapper.ts";
