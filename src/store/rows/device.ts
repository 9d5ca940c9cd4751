import type { Authorisation } from "../../domain/device.ts";

export interface StoredDeviceRow {
  readonly identification: string;
  readonly record: string;
  readonly invocation_counter: number | null;
}

export interface AuthorisationRow {
  readonly device: string;
  readonly organisation: string;
  readonly function_group: Authorisation["functionGroup"];
}

/** Devices that an organisation has a right on. */
export const OF_ORGANISATION = "identification in (select device from device_authorisation where organisation = ?)";
