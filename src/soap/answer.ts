import { type ElementName, type ElementTypes, encodeElement } from "../contract/codec.ts";
import { MetergateError } from "../domain/errors.ts";
import { SOAP_11 } from "./envelope.ts";
import type { SoapFault } from "./fault.ts";
import { checkAnswer } from "./message.ts";
import { escapeXml } from "./xml.ts";

const OPEN = `<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV="${SOAP_11}"><SOAP-ENV:Body>`;
const CLOSE = "</SOAP-ENV:Body></SOAP-ENV:Envelope>";

/** Writes the envelopes that go out; with `validate` each is checked against the schema before it leaves. */
export class AnswerWriter {
  readonly #validate: boolean;

  constructor(validate: boolean) {
    this.#validate = validate;
  }

  /**
   * A body with one element of the contract.
   * @throws MetergateError INTERNAL when the value does not make a valid element
   */
  response<N extends ElementName>(name: N, value: ElementTypes[N]): Buffer {
    return this.#finish(`${OPEN}${encodeElement(name, value)}${CLOSE}`);
  }

  /** @throws MetergateError INTERNAL when its details are not valid */
  fault({ faultCode, message, detail }: SoapFault): Buffer {
    return this.#finish(
      `${OPEN}<SOAP-ENV:Fault><faultcode>SOAP-ENV:${faultCode}</faultcode>` +
        `<faultstring>${escapeXml(message)}</faultstring>` +
        `${detail === undefined ? "" : `<detail>${detail}</detail>`}</SOAP-ENV:Fault>${CLOSE}`,
    );
  }

  #finish(text: string): Buffer {
    const [issue] = this.#validate ? checkAnswer(text) : [];
    if (issue) throw new MetergateError("INTERNAL", `The answer breaks the schema: ${issue.message}`);
    return Buffer.from(text);
  }
}
