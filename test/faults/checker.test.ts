import assert from "node:assert/strict";
import { check, type Evidence, type MeterRecord, type RequestInDatabase } from "./checker.ts";

const request = (n: number, fields: Partial<RequestInDatabase> = {}): RequestInDatabase => ({
  ...{ correlationUid: `uid-${n}`, id: n, device: "E1", operation: "SetPushSetupSms", state: "succeeded" },
  ...{ marker: `m${n}`, actions: 1, outcomes: 1, endings: ["retried", "succeeded"], logEntries: 3 },
  ...fields,
});
const meter = (fields: Partial<MeterRecord> = {}): MeterRecord => ({
  ...{ device: "E1", markers: ["m1", "m2"], keys: ["a", "b"], reachable: true },
  ...fields,
});
const evidence = (fields: Partial<Evidence> = {}): Evidence => ({
  acknowledged: [1, 2].map((n) => ({ correlationUid: `uid-${n}`, answers: ["OK", "OK"] })),
  requests: [request(1), request(2)],
  meters: [meter()],
  logFindings: [],
  ...fields,
});

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
  ["an older order lands on a younger one", evidence({ meters: [meter({ markers: ["m1", "m2", "m1"] })] }), /later/],
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

  for (const [what, given, said] of PUT_IN) {
    it(`finds that ${what}`, () => assert.match(check(given).join("\n"), said));
  }
});
