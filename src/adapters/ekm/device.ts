import type { Device } from "../../domain/device.ts";

/** How requests to the cloud are authorised; what differs between editions of the vendor's page. */
export const ACCESSES = ["key", "key-and-token", "account-key"] as const;
export type Access = (typeof ACCESSES)[number];

export const STREAMS = ["http", "websocket"] as const;
export type Stream = (typeof STREAMS)[number];

export const EKM_VERSIONS = ["v3", "v4", "v5"] as const;
export type EkmVersion = (typeof EKM_VERSIONS)[number];

/** A Push3 gateway, and the cloud through which it is reached. */
export interface EkmGateway extends Device {
  readonly ekm: {
    /** Address of the cloud's interface, without a path. */
    readonly url: string;
    /** Where the cloud tells what it has summed up, without a path. */
    readonly summaryUrl: string;
    /** Host of response channels, where it is known beforehand; otherwise the first answer tells it. */
    readonly responseHost?: string | undefined;
    /** Twelve hexadecimal digits; needed with an account's key. */
    readonly mac?: string | undefined;
    readonly access: Access;
    readonly stream: Stream;
  };
}

/** A meter behind a Push3 gateway. */
export interface EkmMeter extends Device {
  readonly gateway: { readonly device: string };
  readonly ekm: {
    /** Twelve decimal digits. */
    readonly meterAddress: string;
  };
}

export const METER_PROTOCOL = "EKM";
export const GATEWAY_PROTOCOL = "PUSH3";

export function isGateway(device: Device): device is EkmGateway {
  return device.protocol.name === GATEWAY_PROTOCOL;
}

export function isMeter(device: Device): device is EkmMeter {
  return device.protocol.name === METER_PROTOCOL;
}

/** The key of a gateway or of the account that has it; a token beside it; the password that a meter wants for writing. */
export const EKM_SECRET_TYPES = ["EKM_KEY", "EKM_API_TOKEN", "EKM_METER_PASSWORD"] as const;
export type EkmSecretType = (typeof EKM_SECRET_TYPES)[number];
