import assert from "node:assert/strict";
import { BUNDLE_RESPONSE, writeResponse } from "../../src/contract/bundle.ts";
import { itemWriter } from "../../src/contract/codec.ts";
import type { ActionOutcome } from "../../src/domain/request.ts";
import { ManualClock, nextTurn } from "../../src/lib/clock.ts";
import { MessageLog } from "../../src/message-log/message-log.ts";
import { Results } from "../../src/requests/results.ts";
import { AnswerWriter } from "../../src/soap/answer.ts";
import { newRequest } from "../store/requests-conformance.ts";
import { openTemporaryStore } from "../store/temporary-store.ts";

const ACTION = { operation: "GetSpecificAttributeValue", request: {} };
const CALLER = { organisation: "Utility", userName: "clerk", applicationName: "ERP" };

describe("a bundle of a thousand actions", () => {
  it("is given back whole, in pieces between which others get their turn", async () => {
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
      async function* body() {
        yield BUNDLE_RESPONSE.head;
        for await (const { position, outcome } of bundle.outcomes) {
          yield writeResponse(bundle.actions[position]!, outcome, device);
        }
        yield BUNDLE_RESPONSE.tail;
      }
      const writer = new AnswerWriter(false, new ManualClock(0));
      const answer = await writer.pieces(body(), { addressing: undefined, action: undefined });
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

  it("costs an action that does not fit the contract its own place alone", () => {
    const { item } = itemWriter("sm-bundle:BundleResponse");
    assert.throws(() => item("ActionResponse", { Result: "MAYBE" }), { code: "INTERNAL" });
    const fault = writeResponse(ACTION, { ok: true, result: { text: "\u0000" } }, "TEST1024000000001");
    assert.match(fault, /^<sm-bundle:(FaultResponse|GetSpecificAttributeValueResponse)>/);
    const unknown = writeResponse({ operation: "Gone", request: {} }, { ok: true, result: {} }, "TEST1024000000001");
    assert.match(unknown, /^<sm-bundle:FaultResponse><common:Result>NOT OK<.*Gone has no response in a bundle/);
  });
});
