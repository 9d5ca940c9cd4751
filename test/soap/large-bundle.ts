import assert from "node:assert/strict";
import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { type IncomingMessage, request } from "node:http";
import { BUNDLE_RESPONSE, writeResponse } from "../../src/contract/bundle.ts";
import type { ActionOutcome } from "../../src/domain/request.ts";
import { ManualClock, nextTurn } from "../../src/lib/clock.ts";
import { SOAP_11 } from "../../src/lib/soap-namespace.ts";
import { AnswerWriter } from "../../src/soap/answer.ts";
import { WSSE } from "../../src/soap/security/names.ts";
import { DSIG } from "../../src/xml-signature/dom.ts";
import { verifySignature } from "../../src/xml-signature/verify.ts";
import { issue } from "../certificates/authority.ts";
import { BUNDLE, fetchEnvelope, type SoapServer } from "./harness.ts";

export const ACTION = { operation: "GetSpecificAttributeValue", request: {} };

/** Asks for the result of actions with 100 kB each, which are made when they are asked for. */
export async function askForLarge(
  { ports, port }: SoapServer,
  count: number,
  { leaveAfter = Number.POSITIVE_INFINITY } = {},
) {
  const text = "x".repeat(100_000);
  let [made, received, mostAhead] = [0, 0, 0];
  ports.requests.fetchBundle = async () => {
    async function* outcomes() {
      for (let position = 0; position < count; position++) {
        made += text.length;
        mostAhead = Math.max(mostAhead, made - received);
        yield { position, outcome: { ok: true, result: { text } } satisfies ActionOutcome };
      }
    }
    return { actions: Array.from({ length: count }, () => ACTION), outcomes: outcomes() };
  };
  const hash = createHash("sha256");
  const body = fetchEnvelope("b:BundleAsyncRequest", "test-org|||TEST1024000000001|||1");
  const [response] = await new Promise<[IncomingMessage]>((resolve, reject) => {
    const headers = { "content-type": "text/xml" };
    const asking = request({ host: "127.0.0.1", port, method: "POST", path: BUNDLE, headers }, (come) =>
      resolve([come]),
    );
    asking.on("error", reject).end(body);
  });
  assert.equal(response.statusCode, 200);
  for await (const chunk of response as AsyncIterable<Buffer>) {
    received += chunk.byteLength;
    hash.update(chunk);
    if (received > leaveAfter) break;
  }
  return { octets: received, mostAhead, sha256: hash.digest("hex") };
}

/** Asks for it, and requires that each part was in the log before it went out. */
export async function requireLoggedParts(server: SoapServer, count: number) {
  const large = await askForLarge(server, count);
  const answers = server.ports.logged.filter(
    ({ direction, operation }) => direction === "out" && / part /.test(operation),
  );
  assert.ok(answers.length > 1);
  assert.deepEqual(
    answers.map(({ operation }) => operation),
    answers.map((_, i) => `GetBundleResponse part ${i + 1}`),
  );
  const hash = createHash("sha256");
  for (const { body } of answers) hash.update(body);
  assert.equal(hash.digest("hex"), large.sha256);
  return large;
}

const signer = (({ certificate, key }) => ({
  certificate: new X509Certificate(certificate),
  key: createPrivateKey(key),
}))(issue("head-end"));

/** An answer to that many actions, signed, in its parts; and how many turns others got meanwhile. */
export async function signLarge(count: number): Promise<{ parts: Uint8Array[]; turns: number }> {
  const addressing = { namespace: "http://www.w3.org/2005/08/addressing", messageId: "urn:1" };
  const text = `${"x".repeat(9_990)} & \r <é>`;
  async function* items() {
    const outcome = { ok: true, result: { text } } satisfies ActionOutcome;
    for (let n = 0; n < count; n++) yield writeResponse(ACTION, outcome, "TEST1024000000001");
  }
  let [turns, isDone] = [0, false];
  const others = (async () => {
    for (; !isDone; turns++) await nextTurn();
  })();
  const written = await new AnswerWriter(false, new ManualClock(0)).pieces(
    { ...BUNDLE_RESPONSE, items: items() },
    { addressing, action: "urn:a", signer },
  );
  const parts = [written.bytes];
  for await (const part of written.rest ?? []) parts.push(part);
  isDone = true;
  await others;
  return { parts, turns };
}

/** Requires that what verifies signatures takes an answer to that many actions. */
export function requireSigned(parts: readonly Uint8Array[], count: number): void {
  const xml = Buffer.concat(parts).toString();
  const place = [`{${SOAP_11}}Envelope`, `{${SOAP_11}}Header`, `{${WSSE}}Security`, `{${DSIG}}Signature`];
  const verified = verifySignature(xml, { place, certificateOf: () => signer.certificate });
  const names = verified.parts.map(({ path }) => path.at(-1)!.replace(/^.*\}/, ""));
  assert.deepEqual(names, ["Action", "RelatesTo", "Timestamp", "Body"]);
  assert.equal(verified.parts.at(-1)!.canonical.match(/:AttributeValueData(?: [^>]*)?>x/g)?.length, count);
}
