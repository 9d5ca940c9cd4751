import assert from "node:assert/strict";
import { logFollow } from "../../src/cli/log-follow.ts";
import { loadConfig } from "../../src/config.ts";
import { newLogEntry } from "../store/conformance.ts";
import { openTemporaryStore, type TemporaryStore } from "../store/temporary-store.ts";

describe("log follow", () => {
  let store: TemporaryStore;

  beforeEach(async () => {
    store = await openTemporaryStore();
  });

  afterEach(() => store.close());

  it("shows what is said by or to one organisation, from before only with a device, and nothing of others", async () => {
    const entry = (operation: string, organisation: string) =>
      newLogEntry("x", { operation, organisation, device: "E1", direction: "to-device", service: "none" });
    await store.messageLog.append([entry("EarlyOfA", "A"), entry("EarlyOfB", "B")]);
    let stop = () => {};
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    const config = loadConfig({ METERGATE_DATA_DIR: store.dataDirectory });
    const follow = (options: Parameters<typeof logFollow>[1]) => {
      const operations: string[] = [];
      let [begin, hear] = [() => {}, () => {}];
      const begun = new Promise<void>((resolve) => {
        begin = resolve;
      });
      const heard = new Promise<void>((resolve) => {
        hear = resolve;
      });
      const print = (line: string) => {
        operations.push(/(Early|Late)Of[AB]/.exec(line)![0]);
        begin();
        if (line.includes("Late")) hear();
      };
      return { operations, begun, heard, ended: logFollow({ config: () => config, print }, options, stopped) };
    };
    const [withDevice, alone] = [follow({ organisation: "A", device: "E1" }), follow({ organisation: "A" })];
    await withDevice.begun;
    let isHeard = false;
    const heard = Promise.all([withDevice.heard, alone.heard]).then(() => {
      isHeard = true;
    });
    while (!isHeard) await store.messageLog.append([entry("LateOfB", "B"), entry("LateOfA", "A")]);
    stop();
    await Promise.all([heard, withDevice.ended, alone.ended]);
    assert.equal(withDevice.operations[0], "EarlyOfA");
    assert.deepEqual(new Set(withDevice.operations), new Set(["EarlyOfA", "LateOfA"]));
    assert.deepEqual(new Set(alone.operations), new Set(["LateOfA"]));
  });
});
