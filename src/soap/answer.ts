import { type ElementName, type ElementTypes, encodeElement } from "../contract/codec.ts";
import { NAMESPACES } from "../contract/generated/tables.ts";
import { validate } from "../contract/schema.ts";
import { MetergateError } from "../domain/errors.ts";
import { type Clock, nextTurn } from "../lib/clock.ts";
import { SOAP_11 } from "../lib/soap-namespace.ts";
import { escapeXml } from "../lib/xml.ts";
import { type Addressing, answerHeaders } from "./addressing.ts";
import { openEnvelope } from "./envelope.ts";
import type { SoapFault } from "./fault.ts";
import { type AnswerSigner, CanonicalBody, signAnswer } from "./security/sign-answer.ts";
import { parseDocument } from "./steps/parse.ts";

const OPEN = `<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV="${SOAP_11}">`;
const BODY = "<SOAP-ENV:Body>";
const CLOSE = "</SOAP-ENV:Body></SOAP-ENV:Envelope>";
const { common: COMMON } = NAMESPACES;

/** Octets of an answer, and of each part of a longer one. */
const OCTETS_PER_PART = 4 * 1024 * 1024;
/** Octets of an answer that are written before others get their turn. */
const OCTETS_PER_TURN = 131_072;

/** An answer: the whole of it, or its beginning and the parts that follow, which are written when they are asked for. */
export interface Written {
  readonly bytes: Buffer;
  readonly rest?: AsyncGenerator<Buffer, void> | undefined;
}

/** A body that comes in pieces: elements between start tags and end tags. */
export interface PiecedBody {
  readonly head: string;
  readonly items: AsyncIterable<string>;
  readonly tail: string;
}

/** What an answer goes back to. */
export interface AnswerTo {
  readonly addressing: Addressing | undefined;
  /** WS-Addressing action of the answer; a fault has one of its own. */
  readonly action: string | undefined;
  /** With what it is signed, if it is. */
  readonly signer?: AnswerSigner | undefined;
}

/** Writes the envelopes that go out; with `validate` each is checked against the schema before it leaves. */
export class AnswerWriter {
  readonly #validate: boolean;
  readonly #clock: Pick<Clock, "now">;

  constructor(validate: boolean, clock: Pick<Clock, "now">) {
    this.#validate = validate;
    this.#clock = clock;
  }

  /**
   * A body with one element of the contract.
   * @throws MetergateError INTERNAL when the value does not make a valid element
   */
  response<N extends ElementName>(name: N, value: ElementTypes[N], to: AnswerTo): Buffer {
    return this.#finish(encodeElement(name, value), to);
  }

  /**
   * A body that comes in pieces. Others get their turn meanwhile, and no more than a part of it is in memory, however long
   * it is. One that goes into one part is checked as a whole; of a longer one each piece has been held to the contract as
   * it was written. What is signed is in memory as a whole, because its signature comes first.
   * @throws MetergateError INTERNAL when they do not make a valid element; whatever `body` throws
   */
  async pieces(body: PiecedBody, to: AnswerTo): Promise<Written> {
    const parts = inParts(to.signer ? await this.#signedPieces(body, to, to.signer) : piecesOf(body, to));
    const bytes = (await parts.next()).value!;
    const second = await parts.next();
    if (!second.done) return { bytes, rest: startingWith(second.value, parts) };
    if (this.#validate) requireValid(bytes.toString());
    return { bytes };
  }

  /** @throws MetergateError INTERNAL when its details are not valid */
  fault({ faultCode, message, detail }: SoapFault, to: AnswerTo): Buffer {
    const text =
      `<SOAP-ENV:Fault><faultcode>SOAP-ENV:${faultCode}</faultcode>` +
      `<faultstring>${escapeXml(message)}</faultstring>` +
      `${detail === undefined ? "" : `<detail>${detail}</detail>`}</SOAP-ENV:Fault>`;
    return this.#finish(text, { ...to, action: undefined });
  }

  #finish(body: string, to: AnswerTo): Buffer {
    const bytes = to.signer ? this.#signedWhole(body, to, to.signer) : Buffer.from(beginning(to) + body + CLOSE);
    if (this.#validate) requireValid(bytes.toString());
    return bytes;
  }

  #signedWhole(content: string, to: AnswerTo, signer: AnswerSigner): Buffer {
    const body = new CanonicalBody();
    body.add(content);
    return Buffer.concat(this.#signed(body, to, signer));
  }

  async #signedPieces({ head, items, tail }: PiecedBody, to: AnswerTo, signer: AnswerSigner): Promise<Buffer[]> {
    const body = new CanonicalBody(head, tail);
    let gathered = "";
    for await (const item of items) {
      gathered += item;
      if (gathered.length < OCTETS_PER_TURN) continue;
      body.add(gathered);
      gathered = "";
      await nextTurn();
    }
    body.add(gathered);
    return this.#signed(body, to, signer);
  }

  #signed(body: CanonicalBody, { addressing, action }: AnswerTo, signer: AnswerSigner): Buffer[] {
    return signAnswer({ open: OPEN, blocks: answerHeaders(addressing, action), body }, signer, this.#clock.now());
  }
}

async function* piecesOf({ head, items, tail }: PiecedBody, to: AnswerTo): AsyncGenerator<Buffer, void> {
  yield Buffer.from(beginning(to) + head);
  for await (const item of items) yield Buffer.from(item);
  yield Buffer.from(tail + CLOSE);
}

/** At least one part; each is cut between two pieces. */
async function* inParts(pieces: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<Buffer, void> {
  let chunks: Buffer[] = [];
  let [octets, sinceTurn] = [0, 0];
  for await (const chunk of pieces) {
    chunks.push(chunk);
    octets += chunk.byteLength;
    sinceTurn += chunk.byteLength;
    if (octets >= OCTETS_PER_PART) {
      yield Buffer.concat(chunks);
      chunks = [];
      octets = 0;
    }
    if (sinceTurn < OCTETS_PER_TURN) continue;
    sinceTurn = 0;
    await nextTurn();
  }
  if (chunks.length > 0) yield Buffer.concat(chunks);
}

async function* startingWith(first: Buffer, others: AsyncGenerator<Buffer, void>): AsyncGenerator<Buffer, void> {
  yield first;
  yield* others;
}

function beginning({ addressing, action }: AnswerTo): string {
  const header = answerHeaders(addressing, action).join("");
  return OPEN + (header === "" ? "" : `<SOAP-ENV:Header>${header}</SOAP-ENV:Header>`) + BODY;
}

function requireValid(text: string): void {
  const [issue] = checkAnswer(text);
  if (issue !== undefined) throw new MetergateError("INTERNAL", `The answer breaks the schema: ${issue}`);
}

/** Deviations of what is about to leave: of the body's element, or of the details of a fault. */
function checkAnswer(text: string): string[] {
  const document = parseDocument(text);
  try {
    const { payload } = openEnvelope(document);
    const elements = payload.namespaceUri === SOAP_11 ? payload.find("detail/common:*", { common: COMMON }) : [payload];
    return elements.flatMap((node) => validate(node as typeof payload).map(({ message }) => message));
  } finally {
    document.dispose();
  }
}
