import { type Component, MetergateError } from "../domain/errors.ts";

/**
 * What is wrong with an element or a value.
 * UNKNOWN_ELEMENT: not a global element, or not the one that was expected.
 * UNEXPECTED_ELEMENT: no place for this child here; unknown, out of order, or one too many.
 * MISSING_ELEMENT: a child that must be there is not, or occurs too rarely or too often.
 * INVALID_VALUE: not a value of the type.
 * INVALID_CHARACTER: a character that no XML document can hold.
 */
export type ContractReason =
  | "UNKNOWN_ELEMENT"
  | "UNEXPECTED_ELEMENT"
  | "MISSING_ELEMENT"
  | "INVALID_VALUE"
  | "INVALID_CHARACTER";

/**
 * A document that does not fit the contract, or a value that cannot become one. The message names the place, never the
 * value: it may be a key. The code is VALIDATION_ERROR for what was received, INTERNAL for what we were about to send.
 */
export class ContractError extends MetergateError {
  readonly reason: ContractReason;

  constructor(code: "VALIDATION_ERROR" | "INTERNAL", reason: ContractReason, message: string) {
    super(code, message, { context: { reason } });
    this.name = "ContractError";
    this.reason = reason;
  }
}

/** What the contract calls the parts of the platform; that for devices, of whatever family, has the name that clients know. */
export const COMPONENT_NAMES: Readonly<Record<Component, string>> = {
  "web service": "WS_SMART_METERING",
  domain: "DOMAIN_SMART_METERING",
  inventory: "DOMAIN_CORE",
  queue: "OSGP_CORE",
  device: "PROTOCOL_DLMS",
};
