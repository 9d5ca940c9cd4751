import assert from "node:assert/strict";
import { ManualClock } from "../../src/lib/clock.ts";
import { DeviceMessages } from "../../src/message-log/device-messages.ts";
import { MessageLog } from "../../src/message-log/message-log.ts";
import { placed } from "../../src/store/log-entry.ts";
import type { MessageLogStore, NewLogEntry } from "../../src/store/message-log.ts";

describe("messages of devices that are debugged", () => {
  const clock = new ManualClock(1000);
  const message = (text: string) => ({
    ...{ direction: "to-device" as const, service: "dlms", operation: "step" },
    body: new Uint8Array(Buffer.from(text)),
  });
  const textsOf = (entries: readonly NewLogEntry[]) =>
    entries.map((entry) => Buffer.from(placed(entry, 0).stored!).toString());

  /** Messages over a store that does with each write what it is told. */
  function over(append: (entries: readonly NewLogEntry[]) => Promise<void>) {
    const lost: number[] = [];
    const log = new MessageLog({ append } as MessageLogStore, clock);
    return { lost, messages: new DeviceMessages(log, (_error, count) => lost.push(count)) };
  }

  it("are written in their order with the time at which they came, while others come", async () => {
    const written: NewLogEntry[] = [];
    let write = () => {};
    const isSlow = new Promise<void>((resolve) => {
      write = resolve;
    });
    const { messages, lost } = over(async (entries) => {
      await isSlow;
      written.push(...entries);
    });
    messages.keep(message("first"));
    clock.advance(5);
    messages.keep(message("second"));
    const kept = messages.kept();
    clock.advance(5);
    write();
    await kept;
    assert.deepEqual(textsOf(written), ["first", "second"]);
    assert.deepEqual(
      written.map((entry) => placed(entry, 0).leaf.timeMs),
      [1000, 1005],
    );
    messages.keep(message("third"));
    await messages.kept();
    assert.deepEqual(textsOf(written).slice(2), ["third"]);
    assert.deepEqual(lost, []);
  });

  it("that cannot be written are told, and hold up nobody", async () => {
    const written: NewLogEntry[] = [];
    let isBroken = true;
    const { messages, lost } = over(async (entries) => {
      if (isBroken) throw new RangeError("no room");
      written.push(...entries);
    });
    messages.keep(message("lost"));
    await messages.kept();
    isBroken = false;
    messages.keep(message("kept"));
    await messages.kept();
    assert.deepEqual([lost, textsOf(written)], [[1], ["kept"]]);
  });
});
