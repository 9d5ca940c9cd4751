/** A part of the platform, as callers are told which one refused. */
export type Component = "web service" | "domain" | "inventory" | "queue" | "device";

/**
 * Who gets to hear of an error, and whether trying again can help.
 * `fault` is the number of a FunctionalFault; null makes it a TechnicalFault.
 */
interface ErrorEntry {
  readonly fault: number | null;
  /** Which part of the platform refused; the last is what speaks to devices. */
  readonly component: Component;
  /** Whether the same request may succeed later without anybody changing it; an error may know better of itself. */
  readonly retry: boolean;
  /** One sentence: what it means, and what to do about it. */
  readonly means: string;
}

const ws = (fault: number, means: string): ErrorEntry => ({
  fault,
  component: "web service",
  retry: false,
  means,
});
const domain = (fault: number, means: string): ErrorEntry => ({
  fault,
  component: "domain",
  retry: false,
  means,
});
const core = (fault: number, means: string): ErrorEntry => ({ fault, component: "inventory", retry: false, means });
const meter = (fault: number | null, retry: boolean, means: string): ErrorEntry => ({
  fault,
  component: "device",
  retry,
  means,
});

/**
 * Every error that can end a request, by stable code. Names and numbers of functional faults are those of the public
 * contract; the technical ones are ours.
 */
export const ERROR_CATALOGUE = {
  UNKNOWN_ORGANISATION: core(
    101,
    "The organisation in the header is not registered; register it or correct the header.",
  ),
  DISABLED_ORGANISATION: core(104, "The organisation in the header is disabled; ask the operator."),
  UNKNOWN_DEVICE: core(201, "No device with this identification; import it or correct the request."),
  EXISTING_DEVICE: domain(204, "A device with this identification is known already; ask for it to be overwritten."),
  UNKNOWN_PROTOCOL_NAME_OR_VERSION_OR_VARIANT: core(
    206,
    "The device's protocol or version is not one that is supported.",
  ),
  INACTIVE_DEVICE: domain(207, "Only an M-Bus device whose life cycle status is IN_USE can be decoupled."),
  DEVICES_NOT_COUPLED: domain(208, "The M-Bus device is coupled to another electricity meter than the request names."),
  CONNECTION_ERROR: meter(211, true, "The connection to the device failed."),
  INVALID_IP_ADDRESS: meter(212, false, "The device has no usable network address; correct its record."),
  CHALLENGE_LENGTH_OUT_OF_RANGE: meter(
    213,
    false,
    "The device's challenge length is not 8 to 64 octets; correct its record.",
  ),
  COMMUNICATION_TIMEOUT: meter(214, true, "The device did not answer in time."),
  NO_MBUS_DEVICE_CHANNEL_FOUND: meter(215, true, "The electricity meter has no channel for this M-Bus device."),
  GIVEN_MBUS_DEVICE_ALREADY_COUPLED: domain(
    216,
    "The M-Bus device is coupled to an electricity meter; decouple it, or couple it with Force.",
  ),
  ALL_MBUS_CHANNELS_OCCUPIED: domain(217, "Four M-Bus devices are coupled to the electricity meter; decouple one."),
  NO_MATCHING_MBUS_DEVICE_FOUND: meter(218, false, "No known device is what the M-Bus channel says is on it."),
  NO_DEVICE_FOUND_ON_CHANNEL: meter(219, true, "No M-Bus device is on this channel."),
  GATEWAY_DEVICE_NOT_SET_FOR_MBUS_DEVICE: domain(220, "The M-Bus device is not coupled to an electricity meter."),
  GATEWAY_DEVICE_INVALID_FOR_MBUS_DEVICE: domain(221, "The M-Bus device's gateway is not an electricity meter."),
  MBUS_DEVICE_NOT_MOVED_TO_ANOTHER_EMETER: domain(
    222,
    "The M-Bus device's life cycle status is IN_USE; set another one before it is coupled.",
  ),
  AUTHENTICATION_ERROR: meter(223, true, "The device refused our authentication or could not prove its own."),
  AUTHENTICATION_REQUIRED: meter(224, true, "The device demands authentication that its record does not foresee."),
  CONNECTION_REFUSED: meter(225, true, "Nothing listens at the device's address and port."),
  CONNECTION_RESET: meter(226, true, "The device or the network cut the connection."),
  CONNECTION_TIMED_OUT: meter(227, true, "The device's address did not answer the connection attempt."),
  CONNECTION_ESTABLISH_ERROR: meter(228, true, "The association could not be established."),
  SOCKET_CLOSED_BY_REMOTE: meter(229, true, "The device closed the connection before its answer was complete."),
  UNABLE_TO_DECYPHER: meter(230, true, "An answer of the device could not be deciphered: keys or counters disagree."),
  WRAPPER_HEADER_INVALID: meter(231, true, "The device's frame does not begin with a valid wrapper header."),
  ILLEGAL_RESPONSE: meter(232, true, "The device's answer breaks the protocol."),
  RESPONSE_TIMEOUT: meter(233, true, "The device did not answer a request in time."),
  UNKNOWN_ASSOCIATION_RESULT: meter(234, true, "The device answered the association request with an unknown result."),
  UNAUTHORIZED: core(301, "The organisation has no authorisation for this operation on this device."),
  VALIDATION_ERROR: domain(401, "The request's content is not valid; the inner message names what."),
  UNKNOWN_CORRELATION_UID: ws(
    405,
    "No result for this correlation UID: unknown, or not finished yet; the inner message says which.",
  ),
  INVALID_ICCID: meter(
    410,
    false,
    "The session provider does not know the SIM card of a device without a fixed address; correct its record.",
  ),
  ERROR_RETRIEVING_ATTRIBUTE_VALUE: meter(
    412,
    false,
    "The device refused to read an attribute; tried again only if it said temporary-failure.",
  ),
  UNSUPPORTED_COMMUNICATION_SETTING: meter(
    413,
    false,
    "The device's record asks for an authentication that is not supported.",
  ),
  OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL: {
    fault: 416,
    component: "domain",
    retry: false,
    means: "Devices of this family and version do not offer the operation.",
  },
  MAX_SCHEDULE_TIME_EXCEEDED: {
    fault: 417,
    component: "queue",
    retry: false,
    means: "The request could not run before its MaxScheduleTime.",
  },
  SESSION_PROVIDER_ERROR: meter(
    419,
    true,
    "A device without a fixed address could not be found or woken through its session provider.",
  ),
  UNKNOWN_DEVICEMODEL: domain(601, "The device has no device model; correct its record."),
  UNKNOWN_FIRMWARE: domain(701, "No firmware with this identification; add it first."),
  FIRMWARE_DOES_NOT_SUPPORT_DEVICE_MODEL: domain(704, "The firmware is not meant for this device model."),
  INVALID_DLMS_KEY_FORMAT: meter(802, false, "A key of the device does not have 16 octets."),
  ENCRYPTION_EXCEPTION: meter(803, true, "A key could not be encrypted."),
  DECRYPTION_EXCEPTION: meter(
    804,
    false,
    "A key in the request could not be decrypted; encrypt it with the platform's public key.",
  ),
  KEY_NOT_PRESENT: meter(806, false, "A key that the operation needs is not in the vault."),
  INVALID_KEY_FORMAT: meter(807, false, "A key in the request does not have 16 octets."),
  ATTEMPT_TO_LOWER_INVOCATION_COUNTER: meter(
    808,
    true,
    "The device reports a lower invocation counter than the one in use.",
  ),

  DEVICE_REFUSED: meter(
    null,
    false,
    "The device understood and said no; tried again only if it said temporary-failure.",
  ),
  OUTCOME_UNKNOWN: meter(
    null,
    false,
    "The device was told, its answer is missing, and what could be read does not show the effect; the inner message says what it shows. It is not told again: look, then decide.",
  ),
  INVOCATION_COUNTER_EXHAUSTED: meter(
    null,
    false,
    "The device's invocation counter is used up under its encryption key; another key could not be brought in any more.",
  ),
  VAULT_UNREADABLE: {
    fault: null,
    component: "domain",
    retry: false,
    means: "A stored secret cannot be opened; restore the vault's key file that belongs to the database.",
  },
  NOT_FOUND: { fault: null, component: "web service", retry: false, means: "What was asked for does not exist." },
  LEASE_EXPIRED: {
    fault: null,
    component: "queue",
    retry: true,
    means: "A worker died or hung while it ran the request.",
  },
  SERVICE_BUSY: {
    fault: null,
    component: "web service",
    retry: true,
    means: "The service is shutting down or has no room; send again.",
  },
  CONFLICTING_MESSAGE_ID: {
    fault: null,
    component: "web service",
    retry: false,
    means: "A message with this id but another content was accepted before.",
  },
  INTERNAL: {
    fault: null,
    component: "domain",
    retry: false,
    means: "A defect of this service; the log holds the details under the correlation UID.",
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** An error as it is stored with a request or an action. */
export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly message: string;
  /** Whether trying again can help, where that is not as the catalogue says: the device said "for now". */
  readonly retry?: boolean;
}

/** The base of all errors that cross a folder's border. `context` is plain and never holds a secret. */
export class MetergateError extends Error {
  readonly code: ErrorCode;
  readonly context: Readonly<Record<string, unknown>>;
  /** Whether the same request may succeed later; as the catalogue says when it is not given. */
  readonly retry: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; context?: Record<string, unknown>; retry?: boolean } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "MetergateError";
    this.code = code;
    this.context = options.context ?? {};
    this.retry = options.retry ?? ERROR_CATALOGUE[code].retry;
  }
}

/** Whatever was thrown, as a record: an error of ours with its own words, anything else as INTERNAL without them. */
export function toErrorRecord(thrown: unknown): ErrorRecord {
  if (!(thrown instanceof MetergateError)) return { code: "INTERNAL", message: ERROR_CATALOGUE.INTERNAL.means };
  const { code, message, retry } = thrown;
  return retry === ERROR_CATALOGUE[code].retry ? { code, message } : { code, message, retry };
}

/** Whether the same request may succeed later without anybody changing it. */
export function isRetryable({ code, retry }: ErrorRecord): boolean {
  return retry ?? ERROR_CATALOGUE[code].retry;
}
