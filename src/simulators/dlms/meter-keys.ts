import { fromHex } from "../../lib/bytes.ts";

/** Secrets of one meter. Keys are 16 octets. */
export interface MeterKeys {
  /** Global unicast encryption key: ciphers every APDU. */
  readonly encryptionUnicast: Uint8Array;
  /** Authentication key: part of the associated data of every APDU. */
  readonly authentication: Uint8Array;
  /** Master key: unwraps keys that are transferred. */
  readonly master: Uint8Array;
  /** Low level security password, ASCII. */
  readonly password: Uint8Array;
}

/** What every meter has that is not given keys of its own. Published values: they protect nothing. */
export const DEFAULT_METER_KEYS: MeterKeys = {
  encryptionUnicast: fromHex("000102030405060708090A0B0C0D0E0F"),
  authentication: fromHex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"),
  master: fromHex("00112233445566778899AABBCCDDEEFF"),
  password: new Uint8Array(Buffer.from("11111111", "latin1")),
};
