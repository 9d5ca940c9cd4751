import type { Apdu } from "./apdu.ts";

type ConfirmedServiceError = Extract<Apdu, { type: "confirmed-service-error" }>;

/** Alternatives of ConfirmedServiceError that are in use (IEC 62056-5-3). */
const SERVICES: Readonly<Record<number, string>> = { 1: "initiate-error", 5: "read-error", 6: "write-error" };

/** Alternatives of ServiceError and their values; a value's place in its list is its number. */
const CATEGORIES: Readonly<Record<number, readonly [name: string, values: readonly string[]]>> = {
  0: [
    "application-reference",
    [
      "other",
      "time-elapsed",
      "application-unreachable",
      "application-reference-invalid",
      "application-context-unsupported",
      "provider-communication-error",
      "deciphering-error",
    ],
  ],
  1: [
    "hardware-resource",
    [
      "other",
      "memory-unavailable",
      "processor-resource-unavailable",
      "mass-storage-unavailable",
      "other-resource-unavailable",
    ],
  ],
  2: ["vde-state-error", ["other", "no-dlms-context", "loading-data-set", "status-nochange", "status-inoperable"]],
  3: ["service", ["other", "pdu-size", "service-unsupported"]],
  4: ["definition", ["other", "object-undefined", "object-class-inconsistent", "object-attribute-inconsistent"]],
  5: [
    "access",
    ["other", "scope-of-access-violated", "object-access-violated", "hardware-fault", "object-unavailable"],
  ],
  6: [
    "initiate",
    ["other", "dlms-version-too-low", "incompatible-conformance", "pdu-size-too-short", "refused-by-the-VDE-handler"],
  ],
};

/** What a ConfirmedServiceError says in the standard's words; numbers that it does not give stay numbers. */
export function nameServiceError({ service, category, value }: ConfirmedServiceError): string {
  const [name = `category ${category}`, values = []] = CATEGORIES[category] ?? [];
  return `${SERVICES[service] ?? `service ${service}`}, ${name} ${values[value] ?? value}`;
}
