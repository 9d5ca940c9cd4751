import assert from "node:assert/strict";
import type { Note, OperationContext } from "../../../src/adapters/smart-energy/execution.ts";
import { createOnce } from "../../../src/adapters/smart-energy/operations/create-once.ts";
import { LOAD_CONTROL_EVENT } from "../../../src/adapters/smart-energy/records/load-control.ts";
import { type Instant, ManualClock } from "../../../src/lib/clock.ts";
import type { LoadControlEvent } from "../../../src/operations/smart-energy.ts";
import { parseElement } from "../../../src/smart-energy/element.ts";
import { event } from "../../operations/smart-energy-values.ts";
import { GatewayWorld } from "../../simulators/smart-energy/gateway-world.ts";

const CREATION = {
  ...{ command: "create_DRLC_event", codec: LOAD_CONTROL_EVENT, list: "get_DRLC_events", id: "issuer_event_id" },
} as const;
const RECORD: LoadControlEvent = { eventId: 7, deviceClass: [], duration: 10, rawField: [] };
const SENT = Date.UTC(2026, 5, 1);
const MINUTE = 60_000;

/** A later run, as long after the first as it says, on a gateway with these entries. */
function laterRun(minutes: number, listed: readonly string[], status = "0x0") {
  const asked: string[] = [];
  const context = {
    ...{ release: "1.5", attempt: 2, actionId: "uid/0", clock: new ManualClock(SENT + minutes * MINUTE) },
    noted: async (): Promise<Note> => ({ sentMs: SENT as Instant }),
    note: async () => {},
    async ask({ command }: { command: string }) {
      asked.push(command);
      const list = `<events_record_list>${listed.join("")}</events_record_list>`;
      const record =
        "<record><issuer_event_id>7</issuer_event_id><duration_in_minutes>10</duration_in_minutes></record>";
      return parseElement(
        command === "get_DRLC_events" ? `<r>${list}</r>` : `<r><status>${status}</status>${record}</r>`,
      );
    },
  } as unknown as OperationContext;
  return { asked, run: () => createOnce(context, CREATION, { record: RECORD }) };
}

const item = (minutes: number) =>
  `<item><issuer_event_id>0x7</issuer_event_id><duration_in_minutes>${minutes}</duration_in_minutes></item>`;

describe("creating something once, in a later run", () => {
  it("is done when the gateway has it already", async () => {
    const { asked, run } = laterRun(5, [item(10)]);
    assert.deepEqual((await run()).recipient, []);
    assert.deepEqual(asked, ["get_DRLC_events"]);
  });

  it("goes on when the gateway cannot have had it", async () => {
    const { asked, run } = laterRun(9, []);
    assert.equal((await run()).record.eventId, 7);
    assert.deepEqual(asked, ["get_DRLC_events", "create_DRLC_event"]);
  });

  it("ends as unknown when it could have come and gone: it would run twice", async () => {
    const { asked, run } = laterRun(10, []);
    await assert.rejects(run(), { code: "OUTCOME_UNKNOWN" });
    assert.deepEqual(asked, ["get_DRLC_events"]);
  });

  it("ends as refused when the gateway keeps something else under its number", async () => {
    await assert.rejects(laterRun(5, [item(11)]).run(), {
      code: "DEVICE_REFUSED",
      message: /something else under 0x7/,
    });
  });

  it("ends as refused by a number that is taken, when nothing of the kind is kept", async () => {
    await assert.rejects(laterRun(5, [], "0x8A").run(), { code: "DEVICE_REFUSED", message: /0x8A DUPLICATE_EXISTS/ });
  });

  it("agrees with a simulated gateway about what the same is", () => {
    const world = new GatewayWorld();
    assert.equal(world.status("create_DRLC_event", event(7)), 0);
    assert.equal(world.status("create_DRLC_event", event(7)), 0x8a);
    world.gateway.stop();
  });
});
