import { MetergateError } from "../domain/errors.ts";
import type { AllowedOrigin } from "../store/notifications.ts";
import { bareAddress, isPublicAddress, parseNetwork } from "../transport/ip-address.ts";

/**
 * Scheme, host and port of an address, as they are compared.
 * @throws MetergateError VALIDATION_ERROR when it is no http or https address, or holds a password
 */
export function originOf(url: string): string {
  const { protocol, origin, username, password } = URL.canParse(url) ? new URL(url) : new URL("about:blank");
  if (protocol !== "http:" && protocol !== "https:") {
    throw new MetergateError("VALIDATION_ERROR", `${url} is no http:// or https:// address`);
  }
  if (username !== "" || password !== "") {
    throw new MetergateError("VALIDATION_ERROR", "An address with a user name or password is not taken");
  }
  return origin;
}

/** The texts as networks. @throws MetergateError VALIDATION_ERROR naming the first that is none */
export function requireNetworks(texts: readonly string[]): readonly string[] {
  const wrong = texts.find((text) => !parseNetwork(text));
  if (wrong === undefined) return texts;
  throw new MetergateError("VALIDATION_ERROR", `${wrong} is no network, such as 10.0.0.0/8 or fd00::/8`);
}

/**
 * Which addresses may be connected to for a URL: public ones, and private ones that are listed with its origin or as its
 * host.
 * @returns undefined when the URL is not within the allow-list
 */
export function addressesAllowed(
  url: string,
  allowed: readonly AllowedOrigin[],
): ((address: string) => boolean) | undefined {
  const origin = URL.canParse(url) ? new URL(url).origin : "";
  const entry = allowed.find((each) => each.origin === origin);
  if (!entry) return undefined;
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, "$1");
  const networks = [...entry.networks, bareAddress(host)].map((text) => parseNetwork(text));
  return (address) => isPublicAddress(address) || networks.some((network) => network?.contains(address));
}
