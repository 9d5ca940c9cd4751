import assert from "node:assert/strict";
import { BUNDLE_RESPONSE, writeResponse } from "../../src/contract/bundle.ts";
import { itemWriter } from "../../src/contract/codec.ts";
import type { ActionOutcome } from "../../src/domain/request.ts";
import { ManualClock, nextTurn } from "../../src/lib/clock.ts";
import { MessageLog } from "../../src/message-log/message-log.ts";
import { Results } from "../../src/requests/results.ts";
import { AnswerWriter } from "../../src/soap/answer.ts";
import { newRequest } from "../store/new-request.ts";
import { openTemporaryStore } from "../store/temporary-store.ts";
import { SoapServer } from "./harness.ts";
import { ACTION, requireLoggedParts, requireSigned, signLarge } from "./large-bundle.ts";

const TO = { addressing: undefined, action: undefined };
const CALLER = { organisation: "Utility", userName: "clerk", applicationName: "ERP" };

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

  it("is sent in parts, each in the log before it goes out", async () => {
    const server = await SoapServer.start();
    try {
      await requireLoggedParts(server, 60);
      assert.deepEqual(server.ports.errors, []);
    } finally {
      await server.stop();
    }
  });

  it("is signed piece by piece, so that others get their turn, and what verifies signatures takes it", async () => {
    const { parts, turns } = await signLarge(50);
    requireSigned(parts, 50);
    // One for each 131,072 characters.
    assert.ok(turns >= 3, `${turns} turns`);
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
