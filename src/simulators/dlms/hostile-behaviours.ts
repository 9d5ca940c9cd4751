import type { ConformanceBit } from "../../dlms/apdu.ts";
import { decodeApdu, encodeApdu } from "../../dlms/apdu-codec.ts";
import { fromHex } from "../../lib/bytes.ts";
import type { Behaviour } from "./behaviour.ts";

/** What a poor meter lacks, and what one does that means harm: nothing of it takes a key. */

const AARQ = 0x60;
const AARE = 0x61;
const GET_RESPONSE = 0xc4;
const EXCEPTION_RESPONSE = 0xd8;
/** get-response-with-datablock. */
const WITH_DATABLOCK = 2;
/** Where the invoke-id-and-priority octet is in responses of the xDLMS services. */
const INVOKE_ID_AT = 2;

/** Grants no more than these services, and offers nothing that goes beyond them. */
export const grantsOnly = (...conformance: readonly ConformanceBit[]): Behaviour => ({
  name: "grants-only",
  conformance,
});

/** Refuses to associate with an initiate-error inside its AARE (IEC 62056-5-3, ServiceError, initiate). */
export const initiateError = (value = 1): Behaviour => ({
  name: "initiate-error",
  request: ({ request }) =>
    request[0] === AARQ
      ? {
          answer: encodeApdu({
            type: "aare",
            applicationContext: "logical-name-with-ciphering",
            result: 1,
            diagnosticSource: "acse-service-user",
            diagnostic: 1,
            userInformation: Uint8Array.of(0x0e, 0x01, 0x06, value),
          }),
        }
      : undefined,
});

/** Accepts the association in the other application context than the one that was offered. */
export const otherContext = (): Behaviour => ({
  name: "other-context",
  answer: (answer) => {
    if (answer[0] !== AARE) return undefined;
    const aare = decodeApdu(answer);
    if (aare.type !== "aare") return undefined;
    const isCiphered = aare.applicationContext === "logical-name-with-ciphering";
    const applicationContext = isCiphered ? ("logical-name" as const) : ("logical-name-with-ciphering" as const);
    return { answer: encodeApdu({ ...aare, applicationContext }) };
  },
});

/** Says to every association request that the client's counter is too low, and names one. No key is needed for that. */
export const liesAboutCounter = (counter = 0xffff_ffff): Behaviour => ({
  name: "lies-about-counter",
  request: ({ request }) => {
    if (request[0] !== AARQ) return undefined;
    const answer = fromHex("D8010600000000");
    new DataView(answer.buffer, answer.byteOffset).setUint32(3, counter);
    return { answer };
  },
});

/** Sends that many data-notifications in front of each answer. */
export const floods = (count: number): Behaviour => ({
  name: "floods",
  unasked: () => Array<Uint8Array>(count).fill(fromHex("0F0000000100050000002A")),
});

/** Answers every GET with blocks of so many octets, and always has one more. */
export const endlessBlocks = (octets = 1): Behaviour => {
  let block = 0;
  let invokeId = 0;
  return {
    name: "endless-blocks",
    plain: (answer) => {
      if (answer[0] === GET_RESPONSE && answer[1] !== WITH_DATABLOCK) {
        // The first answer is a whole one; to requests for more the server says that there is no more.
        block = 0;
        invokeId = answer[INVOKE_ID_AT]!;
      } else if (block === 0 || (answer[0] !== GET_RESPONSE && answer[0] !== EXCEPTION_RESPONSE)) return undefined;
      block++;
      const head = Uint8Array.of(GET_RESPONSE, WITH_DATABLOCK, invokeId, 0, 0, 0, 0, 0, 0, octets);
      new DataView(head.buffer).setUint32(4, block);
      const whole = new Uint8Array(head.length + octets);
      whole.set(head);
      return whole;
    },
  };
};
