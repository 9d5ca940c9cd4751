import assert from "node:assert/strict";
import fc from "fast-check";
import { ERROR_CATALOGUE, type ErrorCode } from "../../src/domain/errors.ts";
import type { ActionOutcome, ClaimedRequest } from "../../src/domain/request.ts";
import { stateAfter } from "../../src/requests/life-cycle.ts";
import {
  DEFAULT_RETRY_POLICY,
  decideEnd,
  decideLateEnd,
  type RunEnd,
  toRequestOutcome,
} from "../../src/requests/settle.ts";
import { SYNCHRONIZE } from "./environment.ts";

const NOW_MS = 1_000_000;
const DONE: ActionOutcome = { ok: true, result: {} };

function failed(code: ErrorCode, message: string = code): ActionOutcome {
  return { ok: false, error: { code, message } };
}

/** What a device did not do for now. */
const FOR_NOW = { code: "DEVICE_REFUSED", message: "TEMPORARY_FAILURE", retry: true } as const;
const NOT_NOW: ActionOutcome = { ok: false, error: FOR_NOW };

function error(code: ErrorCode): RunEnd {
  return { kind: "error", error: { code, message: code } };
}

function request(fields: Partial<ClaimedRequest> = {}, scheduling: Partial<ClaimedRequest["scheduling"]> = {}) {
  const outcomes = fields.outcomes ?? [null];
  return {
    id: 1,
    correlationUid: "uid",
    caller: { organisation: "Utility", userName: "clerk", applicationName: "ERP" },
    operation: "Bundle",
    device: "E1",
    routeDevice: "E1",
    family: "dlms",
    actions: outcomes.map(() => SYNCHRONIZE),
    outcomes,
    scheduling: { priority: 4, bypassRetry: false, ...scheduling },
    attempt: 1,
    retries: 0,
    leaseUntilMs: 0,
    ...fields,
  } satisfies ClaimedRequest;
}

const decide = (of: ClaimedRequest, end: RunEnd) => decideEnd(of, of.outcomes, end, DEFAULT_RETRY_POLICY, NOW_MS);

describe("the end of a run", () => {
  it("is success when every action succeeded", () => {
    assert.deepEqual(decide(request({ outcomes: [DONE, DONE] }), { kind: "ran" }), {
      to: "succeeded",
      outcomes: [DONE, DONE],
    });
  });

  it("is failure when an action failed for good", () => {
    const refused = failed("RESPONSE_TIMEOUT" satisfies ErrorCode);
    const final = failed("UNKNOWN_FIRMWARE");
    assert.equal(decide(request({ outcomes: [DONE, final] }), { kind: "ran" }).to, "failed");
    assert.equal(decide(request({ outcomes: [DONE, refused] }), { kind: "ran" }).to, "waiting");
  });

  describe("when the device could not be reached", () => {
    it("is a retry after 30 s, then 60 s, then the end", () => {
      const first = decide(request(), error("CONNECTION_REFUSED"));
      assert.deepEqual(first, {
        to: "waiting",
        ending: "retried",
        dueMs: NOW_MS + 30_000,
        priority: 4,
        retries: 1,
        forget: [],
        attemptError: { code: "CONNECTION_REFUSED", message: "CONNECTION_REFUSED" },
      });
      const second = decide(request({ retries: 1 }), error("CONNECTION_REFUSED"));
      assert.equal(second.to === "waiting" && second.dueMs, NOW_MS + 60_000);
      const third = decide(request({ retries: 2 }), error("CONNECTION_REFUSED"));
      assert.equal(third.to === "failed" && third.error?.code, "CONNECTION_REFUSED");
    });

    it("lowers the priority with each second retry, never below 0", () => {
      const priorityAfter = (retries: number, priority: number) => {
        const policy = { delayMs: 1, maxRetries: 9 };
        const settlement = decideEnd(
          request({ retries }, { priority }),
          [null],
          error("CONNECTION_RESET"),
          policy,
          NOW_MS,
        );
        return settlement.to === "waiting" ? settlement.priority : undefined;
      };
      assert.deepEqual(
        [priorityAfter(0, 4), priorityAfter(1, 4), priorityAfter(2, 3), priorityAfter(3, 3)],
        [4, 3, 3, 2],
      );
      assert.equal(priorityAfter(1, 0), 0);
    });

    it("is the end at once with BypassRetry", () => {
      assert.equal(decide(request({}, { bypassRetry: true }), error("CONNECTION_REFUSED")).to, "failed");
    });

    it("is the end at once when trying again cannot help", () => {
      assert.equal(decide(request(), error("UNKNOWN_DEVICE")).to, "failed");
    });

    it("is for every error what the catalogue says", () => {
      for (const code of Object.keys(ERROR_CATALOGUE) as ErrorCode[]) {
        assert.equal(decide(request(), error(code)).to, ERROR_CATALOGUE[code].retry ? "waiting" : "failed", code);
      }
    });

    it("is not tried again when keys in the request are at fault, or the device said no and not that it could not for now", () => {
      for (const code of ["DECRYPTION_EXCEPTION", "INVALID_KEY_FORMAT", "DEVICE_REFUSED"] as const) {
        assert.equal(decide(request({ outcomes: [failed(code)] }), { kind: "ran" }).to, "failed", code);
      }
      assert.equal(decide(request({ outcomes: [NOT_NOW] }), { kind: "ran" }).to, "waiting");
    });

    it("gives actions without an outcome the error, and leaves those that have one", () => {
      const settlement = decide(request({ outcomes: [DONE, null], retries: 2 }), error("RESPONSE_TIMEOUT"));
      assert.equal(settlement.to, "failed");
      assert.deepEqual(settlement.outcomes, [DONE, failed("RESPONSE_TIMEOUT")]);
    });

    it("changes nothing when all actions had ended before the association broke", () => {
      assert.equal(decide(request({ outcomes: [DONE] }), error("SOCKET_CLOSED_BY_REMOTE")).to, "succeeded");
    });
  });

  describe("when an action failed for now", () => {
    it("is a retry that forgets that action's outcome only", () => {
      const settlement = decide(request({ outcomes: [DONE, NOT_NOW, failed("UNKNOWN_FIRMWARE")] }), {
        kind: "ran",
      });
      assert.deepEqual(settlement.to === "waiting" && settlement.forget, [1]);
    });

    it("is the end with all outcomes when no retry is left", () => {
      const outcomes = [DONE, NOT_NOW];
      const settlement = decide(request({ outcomes, retries: 2 }), { kind: "ran" });
      assert.deepEqual([settlement.to, settlement.outcomes], ["failed", outcomes]);
    });
  });

  describe("when MaxScheduleTime forbids the retry", () => {
    const soon = { maxScheduleTimeMs: NOW_MS + 29_999 };

    it("is the functional error if there is one", () => {
      const settlement = decide(request({}, soon), error("CONNECTION_REFUSED"));
      assert.equal(settlement.to === "failed" && settlement.error?.code, "CONNECTION_REFUSED");
    });

    it("is MAX_SCHEDULE_TIME_EXCEEDED, naming the other error, if there is none", () => {
      const settlement = decide(request({}, soon), { kind: "error", error: FOR_NOW });
      assert.equal(settlement.to === "failed" && settlement.error?.code, "MAX_SCHEDULE_TIME_EXCEEDED");
      assert.match((settlement.to === "failed" && settlement.error?.message) || "", /DEVICE_REFUSED/);
      assert.equal(settlement.attemptError?.code, "DEVICE_REFUSED");
    });

    it("judges each action of a bundle by itself", () => {
      const outcomes = [DONE, NOT_NOW, failed("RESPONSE_TIMEOUT")];
      const settlement = decide(request({ outcomes }, soon), { kind: "ran" });
      assert.deepEqual(
        settlement.outcomes?.map((outcome) => outcome?.ok || outcome?.error.code),
        [true, "MAX_SCHEDULE_TIME_EXCEEDED", "RESPONSE_TIMEOUT"],
      );
    });

    it("still retries when the retry falls on the very millisecond", () => {
      const settlement = decide(request({}, { maxScheduleTimeMs: NOW_MS + 30_000 }), { kind: "error", error: FOR_NOW });
      assert.equal(settlement.to, "waiting");
    });

    it("is MAX_SCHEDULE_TIME_EXCEEDED for actions that were not begun in time", () => {
      const late = { maxScheduleTimeMs: NOW_MS - 1 };
      const some = decide(request({ outcomes: [DONE, null] }, late), { kind: "ran" });
      assert.deepEqual(
        some.outcomes?.map((outcome) => outcome?.ok || outcome?.error.code),
        [true, "MAX_SCHEDULE_TIME_EXCEEDED"],
      );
      const none = decide(request({}, late), { kind: "ran" });
      assert.equal(none.to === "failed" && none.error?.code, "MAX_SCHEDULE_TIME_EXCEEDED");
    });

    it("ends a waiting request with its last functional error, or MAX_SCHEDULE_TIME_EXCEEDED", () => {
      const codeOf = (settlement: ReturnType<typeof decideLateEnd>) =>
        settlement.to === "failed" ? settlement.error?.code : undefined;
      assert.equal(codeOf(decideLateEnd(request(), undefined)), "MAX_SCHEDULE_TIME_EXCEEDED");
      const functional = { code: "COMMUNICATION_TIMEOUT", message: "x" } as const;
      assert.equal(codeOf(decideLateEnd(request(), functional)), "COMMUNICATION_TIMEOUT");
      const technical = { code: "LEASE_EXPIRED", message: "x" } as const;
      assert.equal(codeOf(decideLateEnd(request(), technical)), "MAX_SCHEDULE_TIME_EXCEEDED");
    });
  });

  it("is put back without counting when the adapter asks for it", () => {
    const settlement = decide(request({ retries: 2 }), { kind: "snooze", delayMs: 300_000 });
    assert.deepEqual(settlement, {
      to: "waiting",
      ending: "snoozed",
      dueMs: NOW_MS + 300_000,
      priority: 4,
      retries: 2,
    });
  });

  it("is not put back beyond MaxScheduleTime", () => {
    const settlement = decide(request({}, { maxScheduleTimeMs: NOW_MS + 1 }), { kind: "snooze", delayMs: 2 });
    assert.equal(settlement.to === "failed" && settlement.error?.code, "MAX_SCHEDULE_TIME_EXCEEDED");
  });

  it("is put back at once without counting when the worker shuts down, even with BypassRetry", () => {
    const settlement = decide(request({ retries: 1 }, { bypassRetry: true }), { kind: "release" });
    assert.deepEqual(settlement, { to: "waiting", ending: "released", dueMs: NOW_MS, priority: 4, retries: 1 });
  });

  it("is a counted retry without delay when the lease ended, and the end with BypassRetry", () => {
    const settlement = decide(request(), { kind: "lease-expired" });
    assert.deepEqual([settlement.to, settlement.to === "waiting" && settlement.dueMs], ["waiting", NOW_MS]);
    assert.equal(settlement.attemptError?.code, "LEASE_EXPIRED");
    const bypassing = decide(request({}, { bypassRetry: true }), { kind: "lease-expired" });
    assert.equal(bypassing.to === "failed" && bypassing.error?.code, "LEASE_EXPIRED");
  });

  it("is success when the lease ended after everything was done", () => {
    assert.equal(decide(request({ outcomes: [DONE] }), { kind: "lease-expired" }).to, "succeeded");
  });

  it("is INTERNAL for an action that the adapter forgot", () => {
    const settlement = decide(request({ outcomes: [DONE, null] }), { kind: "ran" });
    assert.equal(settlement.to, "failed");
    assert.equal(settlement.outcomes?.[1]?.ok === false && settlement.outcomes[1].error.code, "INTERNAL");
  });

  it("always is a move of the life cycle, ends after finitely many retries, and leaves no action without an answer", () => {
    const codes = fc.constantFrom(...(Object.keys(ERROR_CATALOGUE) as ErrorCode[]));
    const outcome = fc.oneof(
      fc.constant(null),
      fc.constant(DONE),
      codes.map((code) => failed(code)),
    );
    const ends = fc.oneof(
      codes.map(error),
      fc.constantFrom<RunEnd>(
        { kind: "ran" },
        { kind: "lease-expired" },
        { kind: "release" },
        { kind: "snooze", delayMs: 9 },
      ),
    );
    const property = fc.property(
      fc.array(outcome, { minLength: 1, maxLength: 4 }),
      ends,
      fc.record({ bypassRetry: fc.boolean(), maxScheduleTimeMs: fc.option(fc.nat(2 * NOW_MS), { nil: undefined }) }),
      fc.nat(3),
      (outcomes, end, scheduling, retries) => {
        const settlement = decide(request({ outcomes, retries }, scheduling), end);
        if (settlement.to === "waiting") {
          assert.ok(
            (settlement.dueMs >= NOW_MS && settlement.dueMs <= (scheduling.maxScheduleTimeMs ?? Infinity)) ||
              settlement.ending === "released",
          );
          if (settlement.ending === "retried") assert.ok(settlement.retries === retries + 1 && retries < 2);
          const move = { retried: "retry", snoozed: "snooze", released: "release" } as const;
          assert.equal(stateAfter("running", move[settlement.ending]), "waiting");
          return;
        }
        const whole = settlement.to === "failed" ? settlement.error : undefined;
        assert.ok(whole || !settlement.outcomes?.includes(null));
        assert.equal(settlement.to === "succeeded", settlement.outcomes?.every((each) => each?.ok) ?? false);
      },
    );
    fc.assert(property, { numRuns: 2000 });
  });
});

describe("the outcome that a caller sees", () => {
  it("is the action's error when a request that is no bundle failed", () => {
    const { error } = failed("DEVICE_REFUSED") as Extract<ActionOutcome, { ok: false }>;
    assert.deepEqual(toRequestOutcome("SynchronizeTime", [{ ok: false, error }], undefined), { error });
  });

  it("is all actions of a bundle, failed ones among them", () => {
    const actions = [DONE, failed("DEVICE_REFUSED")];
    assert.deepEqual(toRequestOutcome("Bundle", actions, undefined), { actions });
  });
});
