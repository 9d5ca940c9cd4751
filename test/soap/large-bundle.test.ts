import assert from "node:assert/strict";
import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { type IncomingMessage, request } from "node:http";
import { BUNDLE_RESPONSE, writeResponse } from "../../src/contract/bundle.ts";
import { itemWriter } from "../../src/contract/codec.ts";
import type { ActionOutcome } from "../../src/domain/request.ts";
import { ManualClock, nextTurn } from "../../src/lib/clock.ts";
import { SOAP_11 } from "../../src/lib/soap-namespace.ts";
import { MessageLog } from "../../src/message-log/message-log.ts";
import { Results } from "../../src/requests/results.ts";
import { AnswerWriter } from "../../src/soap/answer.ts";
import { WSSE } from "../../src/soap/security/names.ts";
import { DSIG } from "../../src/xml-signature/dom.ts";
import { verifySignature } from "../../src/xml-signature/verify.ts";
import { issue } from "../certificates/authority.ts";
import { newRequest } from "../store/new-request.ts";
import { openTemporaryStore } from "../store/temporary-store.ts";
import { BUNDLE, fetchEnvelope, SoapServer } from "./harness.ts";

const ACTION = { operation: "GetSpecificAttributeValue", request: {} };
const TO = { addressing: undefined, action: undefined };
const CALLER = { organisation: "Utility", userName: "clerk", applicationName: "ERP" };

/** Asks for the result of 300 actions with 100 kB each, which are made when they are asked for. */
async function askForLarge({ ports, port }: SoapServer, { leaveAfter = Number.POSITIVE_INFINITY } = {}) {
  const [text, count] = ["x".repeat(100_000), 300];
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

describe("a bundle of hundreds of actions", () => {
  it("is given back whole, a thousand of them, in pieces between which others get their turn", async () => {
    const store = await openTemporaryStore(new ManualClock(1000));
    try {
      const actions = Array.from({ length: 1000 }, () => ACTION);
      const request = newRequest("a", { operation: "Bundle", actions, caller: CALLER });
      await store.requests.accept({ request, entries: [] });
      const { requests } = await store.requests.claim({ worker: "w", leaseMs: 60_000, limit: 1 });
      const { id, attempt, device } = requests[0]!;
      const text = "x".repeat(10_000);
      const outcomes = actions.map((_, n): ActionOutcome => ({ ok: true, result: { text: `${n} ${text}` } }));
      await store.requests.settle({ id, attempt, state: "running" }, { to: "succeeded", outcomes });

      let turns = 0;
      let isDone = false;
      const others = async () => {
        for (; !isDone; turns++) await nextTurn();
      };
      const counting = others();
      const results = new Results(store.requests, new MessageLog(store.messageLog, new ManualClock(1000)));
      const bundle = await results.fetchBundle({ caller: CALLER, device, correlationUid: "a" });
      async function* items() {
        for await (const { position, outcome } of bundle.outcomes) {
          yield writeResponse(bundle.actions[position]!, outcome, device);
        }
      }
      const writer = new AnswerWriter(false, new ManualClock(0));
      const { bytes, rest } = await writer.pieces({ ...BUNDLE_RESPONSE, items: items() }, TO);
      const parts = [bytes];
      for await (const part of rest ?? []) parts.push(part);
      const answer = Buffer.concat(parts);
      // Cut between two responses, so that what is looked for in a part is whole in it.
      assert.ok(parts.length >= 3);
      for (const part of parts.slice(1)) assert.match(part.subarray(0, 80).toString(), /^<sm-bundle:\w+Response>/);
      isDone = true;
      await counting;
      const written = answer.toString();
      const numbers = [...written.matchAll(/<sm-adhoc:AttributeValueData>(\d+) x/g)].map(([, number]) =>
        Number(number),
      );
      assert.deepEqual(numbers, [...actions.keys()]);
      // Each piece that was read and each that was written let others on.
      assert.ok(turns > 100, `${turns} turns`);
      assert.ok(answer.byteLength > 10_000_000);
    } finally {
      await store.close();
    }
  });

  it("is sent with a few parts of it in memory, each in the log before it goes out, and to so many callers only", async () => {
    const server = await SoapServer.start();
    try {
      const large = await askForLarge(server);
      assert.ok(large.octets > 30_000_000, `${large.octets} octets`);
      assert.ok(large.mostAhead < 15_000_000, `${large.mostAhead} octets were written that nobody had read`);
      const answers = server.ports.logged.filter(
        ({ direction, operation }) => direction === "out" && / part /.test(operation),
      );
      assert.deepEqual(
        answers.map(({ operation }) => operation),
        answers.map((_, i) => `GetBundleResponse part ${i + 1}`),
      );
      const hash = createHash("sha256");
      for (const { body } of answers) hash.update(body);
      assert.equal(hash.digest("hex"), large.sha256);
      // Who goes away gives its place back.
      for (let times = 0; times < 17; times++) await askForLarge(server, { leaveAfter: 1_000_000 });
      assert.deepEqual(server.ports.errors, []);
    } finally {
      await server.stop();
    }
  });

  it("is signed piece by piece, so that others get their turn, and what verifies signatures takes it", async () => {
    const { certificate, key } = issue("head-end");
    const signer = { certificate: new X509Certificate(certificate), key: createPrivateKey(key) };
    const addressing = { namespace: "http://www.w3.org/2005/08/addressing", messageId: "urn:1" };
    const writer = new AnswerWriter(false, new ManualClock(0));
    const sign = async (count: number) => {
      const text = `${"x".repeat(9_990)} & \r <é>`;
      async function* items() {
        const outcome = { ok: true, result: { text } } satisfies ActionOutcome;
        for (let n = 0; n < count; n++) yield writeResponse(ACTION, outcome, "TEST1024000000001");
      }
      const written = await writer.pieces(
        { ...BUNDLE_RESPONSE, items: items() },
        { addressing, action: "urn:a", signer },
      );
      const parts = [written.bytes];
      for await (const part of written.rest ?? []) parts.push(part);
      return parts;
    };
    const xml = Buffer.concat(await sign(50)).toString();
    const place = [`{${SOAP_11}}Envelope`, `{${SOAP_11}}Header`, `{${WSSE}}Security`, `{${DSIG}}Signature`];
    const verified = verifySignature(xml, { place, certificateOf: () => signer.certificate });
    const names = verified.parts.map(({ path }) => path.at(-1)!.replace(/^.*\}/, ""));
    assert.deepEqual(names, ["Action", "RelatesTo", "Timestamp", "Body"]);
    assert.equal(verified.parts.at(-1)!.canonical.match(/:AttributeValueData(?: [^>]*)?>x/g)?.length, 50);
    let [turns, isDone] = [0, false];
    const others = (async () => {
      for (; !isDone; turns++) await nextTurn();
    })();
    const parts = await sign(2_000);
    isDone = true;
    await others;
    assert.ok(parts.length >= 5 && parts.every(({ byteLength }) => byteLength > 0 && byteLength < 5_000_000));
    // One for each 131,072 characters.
    assert.ok(turns >= 140, `${turns} turns`);
  });

  it("costs an action that does not fit the contract its own place alone", () => {
    const { item } = itemWriter("sm-bundle:BundleResponse");
    assert.throws(() => item("ActionResponse", { Result: "MAYBE" }), { code: "INTERNAL" });
    const fault = writeResponse(ACTION, { ok: true, result: { text: "\u0000" } }, "TEST1024000000001");
    assert.match(fault, /^<sm-bundle:(FaultResponse|GetSpecificAttributeValueResponse)>/);
    const unknown = writeResponse({ operation: "Gone", request: {} }, { ok: true, result: {} }, "TEST1024000000001");
    assert.match(unknown, /^<sm-bundle:FaultResponse><common:Result>NOT OK<.*Gone has no response in a bundle/);
  });
});
