import assert from "node:assert/strict";
import { check, type Evidence, type MeterRecord, type RequestInDatabase } from "./checker.ts";

const request = (n: number, fields: Partial<RequestInDatabase> = {}): RequestInDatabase => ({
  ...{ correlationUid: `uid-${n}`, device: "E1", operation: "SetPushSetupSms", state: "succeeded" },
  ...{
    marker: `m${n}`,
    claimedMs: n * 10 + 5,
    actions: 1,
    outcomes: 1,
    endings: ["retried", "succeeded"],
    logEntries: 3,
  },
  ...fields,
});
const meter = (fields: Partial<MeterRecord> = {}): MeterRecord => ({
  ...{ device: "E1", markers: ["m1", "m2"], keys: ["a", "b"], reachable: true },
  ...fields,
});
const evidence = (fields: Partial<Evidence> = {}): Evidence => ({
  acknowledged: [1, 2].map((n) => ({ correlationUid: `uid-${n}`, answers: ["OK", "OK"] })),
  // The second one was sent when the first one had been acknowledged.
  orders: new Map([1, 2, 3].map((n) => [`m${n}`, { sentMs: n * 10, acknowledgedMs: n * 10 + 1, priority: 4 }])),
  requests: [request(1), request(2)],
  meters: [meter()],
  logFindings: [],
  ...fields,
});

const urgentFirst = new Map([
  ["m1", { sentMs: 10, acknowledgedMs: 11, priority: 8 }],
  ["m2", { sentMs: 20, acknowledgedMs: 21, priority: 4 }],
]);

/** Faults that are put in on purpose, and what the checker says of each. */
const PUT_IN: readonly (readonly [what: string, given: Evidence, said: RegExp])[] = [
  [
    "a request is lost",
    evidence({ requests: [request(1), request(2, { correlationUid: "x" })] }),
    /is not in the data/,
  ],
  ["one does not end", evidence({ requests: [request(1), request(2, { state: "waiting" })] }), /has not ended/],
  ["one ends twice", evidence({ requests: [request(1), request(2, { endings: ["failed", "succeeded"] })] }), /2 times/],
  ["an outcome is lost", evidence({ requests: [request(1), request(2, { outcomes: 0 })] }), /0 outcomes of 1/],
  [
    "an answer changes",
    evidence({
      acknowledged: [
        { correlationUid: "uid-1", answers: ["OK", "NOT OK"] },
        { correlationUid: "uid-2", answers: ["OK"] },
      ],
    }),
    /in different ways/,
  ],
  ["a UID is given out twice", evidence({ requests: [request(1), request(2), request(2)] }), /twice/],
  ["an older order lands on a younger one", evidence({ meters: [meter({ markers: ["m2", "m1"] })] }), /later/],
  ["an order is carried out again", evidence({ meters: [meter({ markers: ["m1", "m2", "m1"] })] }), /second time/],
  [
    "a more urgent one waited",
    evidence({ orders: urgentFirst, requests: [request(1, { claimedMs: 30 }), request(2)] }),
    /m1 of priority 8 waited from 11, and m2 of priority 4 was begun at 25/,
  ],
  [
    "something is done that nobody ordered",
    evidence({ meters: [meter({ markers: ["m1", "m2", "m3"] })] }),
    /no request/,
  ],
  ["what succeeded was not done", evidence({ meters: [meter({ markers: ["m2"] })] }), /was never given m1/],
  ["a key comes a second time", evidence({ meters: [meter({ keys: ["a", "b", "a"] })] }), /second time/],
  ["a meter is lost", evidence({ meters: [meter({ reachable: false })] }), /cannot be reached/],
  ["evidence is missing", evidence({ requests: [request(1), request(2, { logEntries: 0 })] }), /nothing in the log/],
  ["the log is changed", evidence({ logFindings: ["entry 7: BODY_CHANGED"] }), /the log: entry 7/],
];

describe("the checker of the fault tests", () => {
  it("finds nothing where everything holds, requests that nobody was told of included", () => {
    assert.deepEqual(check(evidence({ requests: [request(1), request(2), request(3, { state: "failed" })] })), []);
  });

  it("finds no wrong order where the client could not know of any", () => {
    const orders = new Map([
      ["m1", { sentMs: 1, acknowledgedMs: 12, priority: 4 }],
      ["m2", { sentMs: 11, acknowledgedMs: undefined, priority: 4 }],
    ]);
    assert.deepEqual(check(evidence({ orders, meters: [meter({ markers: ["m2", "m1"] })] })), []);
    // The more urgent one was not there yet when the other one began.
    const requests = [request(1), request(2, { claimedMs: 10 })];
    assert.deepEqual(
      check(evidence({ orders: urgentFirst, requests, meters: [meter({ markers: ["m2", "m1"] })] })),
      [],
    );
  });

  for (const [what, given, said] of PUT_IN) {
    it(`finds that ${what}`, () => assert.match(check(given).join("\n"), said));
  }
});
