import type { ActionResponse, Apdu, AttributeReference, GetResult, MethodReference } from "../../dlms/apdu.ts";
import { decodeApdu, encodeApdu } from "../../dlms/apdu-codec.ts";
import type { CosemData } from "../../dlms/data.ts";
import { DlmsError } from "../../dlms/errors.ts";
import { isSecret } from "../../operations/secret-attributes.ts";

const WITHHELD = "withheld";
const WITHHELD_OCTETS: Uint8Array = Buffer.from(WITHHELD, "ascii");
const WITHHELD_DATA: CosemData = { type: "visible-string", value: WITHHELD };

/** Interface classes whose methods take keys, each with the first of those. */
const KEY_METHODS: ReadonlyMap<number, number> = new Map([
  // Association LN: reply_to_HLS_authentication, change_HLS_secret
  [15, 1],
  // Security setup: key_transfer and those around it
  [64, 1],
  // M-Bus client: data_send, which may carry a key, set_encryption_key, transfer_key
  [72, 6],
]);
/** Attributes that hold passwords, by number: asking for all attributes asks for them as well. */
const SECRET_NUMBERS = [5, 7];

/**
 * Takes what is secret out of the plain APDUs of one association, in their order: passwords, and all that goes to and
 * comes from objects that keys are transferred by. What is left is an APDU like the one that it was.
 */
export class ApduRedactor {
  /** Whether the exchange that is under way is about a secret; its blocks and its answer do not say so themselves. */
  #isSecret = false;

  /** @returns octets of its own, which nobody changes afterwards */
  redact(octets: Uint8Array): Uint8Array {
    let apdu: Apdu;
    try {
      apdu = decodeApdu(octets);
    } catch (error) {
      if (!(error instanceof DlmsError)) throw error;
      return new Uint8Array(this.#isSecret ? octets.subarray(0, 1) : octets);
    }
    this.#isSecret = isAboutSecret(apdu) ?? this.#isSecret;
    if (apdu.type === "aarq") return withoutPassword(apdu, octets);
    return this.#isSecret ? encodeApdu(withhold(apdu)) : new Uint8Array(octets);
  }
}

/** Undefined for an APDU that belongs to the exchange before it. */
function isAboutSecret(apdu: Apdu): boolean | undefined {
  switch (apdu.type) {
    // Of what is written to a short name, the name does not tell whether it is a secret.
    case "write-request":
      return true;
    case "read-request":
    case "rlrq":
    case "aarq":
      return false;
    default: {
      if (!apdu.type.includes("-request") || apdu.type === "event-notification-request") return undefined;
      const attributes = "attribute" in apdu ? [apdu.attribute] : "attributes" in apdu ? apdu.attributes : [];
      const methods = "method" in apdu ? [apdu.method] : "methods" in apdu ? apdu.methods : [];
      if (attributes.length + methods.length === 0) return undefined;
      return attributes.some(holdsSecret) || methods.some(takesKey);
    }
  }
}

function holdsSecret({ classId, attribute }: Pick<AttributeReference, "classId" | "attribute">): boolean {
  return (attribute === 0 ? SECRET_NUMBERS : [attribute]).some((number) => isSecret(classId, number));
}

function takesKey({ classId, method }: MethodReference): boolean {
  return method >= (KEY_METHODS.get(classId) ?? Number.POSITIVE_INFINITY);
}

/** A password is sent in clear; a challenge is no secret. */
function withoutPassword(aarq: Extract<Apdu, { type: "aarq" }>, octets: Uint8Array): Uint8Array {
  const { mechanism, callingAuthenticationValue } = aarq;
  if (mechanism !== "low" || !callingAuthenticationValue) return new Uint8Array(octets);
  return encodeApdu({ ...aarq, callingAuthenticationValue: WITHHELD_OCTETS });
}

/** The APDU without any value. */
function withhold(apdu: Apdu): Apdu {
  const hidden: Record<string, unknown> = { ...apdu };
  for (const [field, part] of Object.entries(apdu)) hidden[field] = withheldPart(field, part);
  return hidden as unknown as Apdu;
}

function withheldPart(field: string, part: unknown): unknown {
  switch (field) {
    case "value":
      return typeof part === "number" ? part : WITHHELD_DATA;
    case "values":
      return (part as readonly CosemData[]).map(() => WITHHELD_DATA);
    case "parameters":
      return Array.isArray(part) ? part.map(() => WITHHELD_DATA) : part && WITHHELD_DATA;
    case "block":
      return "raw" in (part as object) ? { ...(part as object), raw: WITHHELD_OCTETS } : part;
    case "result":
      return withheldResult(part);
    case "results":
      return (part as readonly unknown[]).map(withheldResult);
    case "response":
      return withheldResponse(part as ActionResponse);
    case "responses":
      return (part as readonly ActionResponse[]).map(withheldResponse);
    default:
      return part;
  }
}

function withheldResult(result: unknown): unknown {
  return typeof result === "object" && result !== null && "data" in result ? { data: WITHHELD_DATA } : result;
}

function withheldResponse({ result, returned }: ActionResponse): ActionResponse {
  return { result, ...(returned && { returned: withheldResult(returned) as GetResult }) };
}
