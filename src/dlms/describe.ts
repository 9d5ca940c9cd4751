import { toHex } from "../lib/bytes.ts";
import type {
  ActionResponse,
  Apdu,
  AttributeReference,
  CipheredApdu,
  DataBlock,
  GetResult,
  InvokeId,
  MethodReference,
  VariableAccess,
} from "./apdu.ts";
import { decodeApdu } from "./apdu-codec.ts";
import type { CosemData } from "./data.ts";
import { DlmsError } from "./errors.ts";
import type { CipherKeys } from "./security.ts";

/** Stands for what nobody may read in a log. */
const WITHHELD = "(withheld)";
/** Characters of one value in a description. */
const MAX_VALUE_LENGTH = 500;

/** Whose octets these are: lets ciphered APDUs be opened. */
export interface ApduSender {
  /** Global key and authentication key. */
  readonly keys: CipherKeys;
  /** 8 octets, for the APDUs that do not name it. */
  readonly systemTitle: Uint8Array;
}

/**
 * Says what the octets of an APDU mean, in a line for people. Never throws: octets that are wrong are described as
 * such. Passwords, challenges, keys, and what is sent to objects that take keys are left out.
 * Replayed counters are not noticed here.
 * @param sender by whom ciphered APDUs were made; without it, they stay closed
 */
export function explainApdu(bytes: Uint8Array, sender?: ApduSender): string {
  try {
    return describeApdu(decodeApdu(bytes), sender);
  } catch (error) {
    if (!(error instanceof DlmsError)) throw error;
    return `faulty, ${error.code}: ${error.message}: ${short(toHex(bytes))}`;
  }
}

/** The same for an APDU that is decoded already. */
export function describeApdu(apdu: Apdu, sender?: ApduSender): string {
  switch (apdu.type) {
    case "aarq": {
      const { applicationContext, mechanism = "no authentication", callingApTitle, userInformation } = apdu;
      const title = callingApTitle ? `, system title ${toHex(callingApTitle)}` : "";
      return `aarq ${applicationContext}, ${mechanism}${title}: ${explainApdu(userInformation, sender)}`;
    }
    case "aare": {
      const { result, diagnosticSource, diagnostic, respondingApTitle, userInformation } = apdu;
      const title = respondingApTitle ? `, system title ${toHex(respondingApTitle)}` : "";
      const information = userInformation ? `: ${explainApdu(userInformation, sender)}` : "";
      return `aare result ${result}, ${diagnosticSource} ${diagnostic}${title}${information}`;
    }
    case "rlrq":
    case "rlre": {
      const { type, reason, lengthFault, userInformation } = apdu;
      const fault = lengthFault ? ", faulty: a length in it is too small" : "";
      const information = userInformation ? `: ${explainApdu(userInformation, sender)}` : "";
      return `${type}${reason === undefined ? "" : ` reason ${reason}`}${fault}${information}`;
    }
    case "ciphered":
      return describeCiphered(apdu, sender);
    case "general-block": {
      const { last, streaming, window, number, acknowledged, raw } = apdu;
      const marks = `${last ? " last" : ""}${streaming ? " streaming" : ""}`;
      const contents = number === 1 && last ? explainApdu(raw, sender) : `${raw.length} octets`;
      return `general-block ${number}${marks}, window ${window}, acknowledges ${acknowledged}: ${contents}`;
    }
    case "initiate-request": {
      const key = apdu.dedicatedKey ? `, dedicated key ${WITHHELD}` : "";
      return `initiate-request, PDU ${apdu.clientMaxReceivePduSize}${key}, ${apdu.conformance.join(" ")}`;
    }
    case "initiate-response":
      return `initiate-response, PDU ${apdu.serverMaxReceivePduSize}, ${apdu.conformance.join(" ")}`;
    default:
      return describeService(apdu);
  }
}

/** Writes a value down: its type, and its contents as far as there is room. */
export function describeData(data: CosemData): string {
  switch (data.type) {
    case "null-data":
    case "dont-care":
      return data.type;
    case "array":
    case "structure":
    case "compact-array":
      return `${data.type}(${data.value.map(describeData).join(", ")})`;
    case "bit-string": {
      const { length, bytes } = data.value;
      return `bit-string ${Array.from(bytes, (octet) => octet.toString(2).padStart(8, "0"))
        .join("")
        .slice(0, length)}`;
    }
    case "octet-string":
    case "date-time":
    case "date":
    case "time":
      return `${data.type} ${toHex(data.value)}`;
    case "visible-string":
    case "utf8-string":
      return `${data.type} ${JSON.stringify(data.value)}`;
    default:
      return `${data.type} ${data.value}`;
  }
}

function describeCiphered(apdu: CipheredApdu, sender: ApduSender | undefined): string {
  const outer = `ciphered ${apdu.tag.toString(16).toUpperCase()}`;
  if (!sender) return outer;
  const title = apdu.systemTitle?.length ? apdu.systemTitle : sender.systemTitle;
  try {
    const { plaintext, counter } = sender.keys.unprotect(apdu.payload, title);
    return `${outer} counter ${counter}: ${explainApdu(plaintext)}`;
  } catch (error) {
    if (!(error instanceof DlmsError)) throw error;
    return `${outer}, faulty, ${error.code}: ${error.message}`;
  }
}

type ServiceApdu = Exclude<
  Apdu,
  {
    type: "aarq" | "aare" | "rlrq" | "rlre" | "ciphered" | "general-block" | "initiate-request" | "initiate-response";
  }
>;

/** Type, invoke-id, and what the parts of the APDU that services have in common say. */
function describeService(apdu: ServiceApdu): string {
  const isSecret = hidesValues(apdu);
  const parts: string[] = [];
  for (const [field, part] of Object.entries(apdu) as [string, unknown][]) {
    if (field === "type" || part === undefined) continue;
    parts.push(describeField(field, part, isSecret));
  }
  return [apdu.type, ...parts].join(" ");
}

function describeField(field: string, part: unknown, isSecret: boolean): string {
  switch (field) {
    case "invoke":
      return describeInvoke(part as InvokeId);
    case "attribute":
      return describeReference(part as AttributeReference);
    case "method":
      return describeReference(part as MethodReference);
    case "attributes":
    case "methods":
      return list((part as (AttributeReference | MethodReference)[]).map(describeReference));
    case "value":
      return typeof part === "number" ? `value ${part}` : describeValue(part as CosemData, isSecret);
    case "body":
      return describeValue(part as CosemData, isSecret);
    case "values":
      return list((part as CosemData[]).map((value) => describeValue(value, isSecret)));
    case "parameters": {
      const values = (Array.isArray(part) ? part : [part]) as CosemData[];
      return list(values.map((value) => describeValue(value, isSecret)));
    }
    case "result":
      return describeResult(part);
    case "results":
      return list((part as unknown[]).map(describeResult));
    case "response":
      return describeActionResponse(part as ActionResponse);
    case "responses":
      return list((part as ActionResponse[]).map(describeActionResponse));
    case "block":
      return describeBlock(part as Partial<DataBlock> & { error?: string }, isSecret);
    case "variables":
      return list((part as VariableAccess[]).map(describeVariable));
    case "dateTime":
    case "time":
      return toHex(part as Uint8Array);
    default:
      return `${field} ${part}`;
  }
}

function describeInvoke({ id, confirmed, highPriority }: InvokeId): string {
  return `${id}${confirmed ? "" : " unconfirmed"}${highPriority ? " high priority" : ""}`;
}

function describeReference(reference: AttributeReference | MethodReference): string {
  const { classId, logicalName } = reference;
  if ("method" in reference) return `${classId}/${logicalName}/m${reference.method}`;
  const { attribute, access } = reference;
  const selection = access ? ` selector ${access.selector} ${short(describeData(access.parameters))}` : "";
  return `${classId}/${logicalName}/${attribute}${selection}`;
}

function describeVariable(variable: VariableAccess): string {
  if ("shortName" in variable) {
    const { shortName, access } = variable;
    const selection = access ? ` selector ${access.selector} ${short(describeData(access.parameters))}` : "";
    return `${shortName.toString(16).toUpperCase().padStart(4, "0")}${selection}`;
  }
  if ("blockNumber" in variable) return `after block ${variable.blockNumber}`;
  const { last, number } = "block" in variable ? variable.block : variable.writeBlock;
  return `block ${number}${last ? " last" : ""}`;
}

function describeValue(value: CosemData, isSecret: boolean): string {
  return isSecret ? WITHHELD : short(describeData(value));
}

/** A get-result, read-result, data-access-result, or the number of a block that was taken in. */
function describeResult(result: unknown): string {
  if (typeof result === "string") return result;
  const { data, error, block, blockNumber } = result as Partial<{
    data: CosemData;
    error: string;
    block: DataBlock;
    blockNumber: number;
  }>;
  if (data) return short(describeData(data));
  if (block) return describeBlock(block, false);
  return error ?? `block ${blockNumber}`;
}

function describeActionResponse({ result, returned }: ActionResponse): string {
  return returned ? `${result} ${describeResult(returned satisfies GetResult)}` : result;
}

function describeBlock(block: Partial<DataBlock> & { readonly error?: string }, isSecret: boolean): string {
  const contents = block.raw ? (isSecret ? WITHHELD : `${block.raw.length} octets`) : block.error;
  return `block ${block.number}${block.last ? " last" : ""} ${contents}`;
}

/**
 * Objects that take keys and secrets: association secret, security setup, key transfers of M-Bus clients. Of what is
 * written to a short name, the name does not tell whether it is a secret.
 */
function hidesValues(apdu: ServiceApdu): boolean {
  if (apdu.type === "write-request") return true;
  const attributes = "attribute" in apdu ? [apdu.attribute] : "attributes" in apdu ? apdu.attributes : [];
  const methods = "method" in apdu ? [apdu.method] : "methods" in apdu ? apdu.methods : [];
  return (
    attributes.some(({ classId, attribute }) => classId === 15 && attribute === 7) ||
    methods.some(({ classId, method }) => classId === 15 || classId === 64 || (classId === 72 && method >= 7))
  );
}

function list(parts: readonly string[]): string {
  return `[${parts.join("; ")}]`;
}

function short(text: string): string {
  return text.length <= MAX_VALUE_LENGTH ? text : `${text.slice(0, MAX_VALUE_LENGTH)}…`;
}
