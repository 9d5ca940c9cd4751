import { hash } from "node:crypto";

/** SHA-256 as 64 lower-case hexadecimal digits. @param content texts are hashed as UTF-8 */
export function sha256Hex(content: Uint8Array | string): string {
  return hash("sha256", content, "hex");
}
