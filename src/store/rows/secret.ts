import type { SecretType } from "../../domain/device.ts";
import type { SealedSecret, SecretState } from "../secrets.ts";

export interface SecretRow {
  readonly id: string;
  readonly device: string;
  readonly type: SecretType;
  readonly state: SecretState;
  readonly kek_id: string;
  readonly wrapped_key: Uint8Array;
  readonly sealed: Uint8Array;
}

export interface SecretReadRow {
  readonly read_ms: number;
  readonly secret_id: string;
  readonly device: string;
  readonly type: SecretType;
  readonly purpose: string;
  readonly correlation_uid: string | null;
}

export const SECRET_COLUMNS = [
  "id",
  "device",
  "type",
  "state",
  "state_since_ms",
  "kek_id",
  "wrapped_key",
  "sealed",
  "brought_by",
] as const;

export const SECRET_READ_COLUMNS = ["read_ms", "secret_id", "device", "type", "purpose", "correlation_uid"];

export function toSecret({
  id,
  device,
  type,
  sealed,
  kek_id: kekId,
  wrapped_key: wrappedKey,
}: SecretRow): SealedSecret {
  return { id, device, type, sealed, kekId, wrappedKey };
}

/** One statement per state: only a state that stands in the text lets the database use that state's index. */
export const FIND_SECRET = {
  NEW: "select * from secret where device = ? and type = ? and state = 'NEW'",
  ACTIVE: "select * from secret where device = ? and type = ? and state = 'ACTIVE'",
} as const;
