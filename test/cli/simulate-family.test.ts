import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { simulateFamily } from "../../src/cli/simulate-family.ts";
import type { StartSimulation } from "../../src/domain/simulation.ts";
import { temporaryDirectory } from "../e2e/harness.ts";

describe("simulate, for a family without options of its own", () => {
  const directory = temporaryDirectory();
  after(() => directory.remove());

  it("says where the devices are, writes a file for devices import, and closes them when it is stopped", async () => {
    const happened: string[] = [];
    const start: StartSimulation = async ({ host, port }) => {
      happened.push(`${host}:${port}`);
      return {
        places: ["127.0.0.1:1 a lamp"],
        records: [{ identification: "LAMP100000000001", family: "lamps" }],
        close: async () => void happened.push("closed"),
      };
    };
    const context = { config: () => assert.fail("needs none"), print: (text: string) => void happened.push(text) };
    const writeDevices = join(directory.path, "devices.json");
    await simulateFamily(context, start, { host: "127.0.0.1", port: 7, writeDevices, owner: "org" }, async () => {
      happened.push("stopped");
    });
    assert.deepEqual(happened, ["127.0.0.1:7", "127.0.0.1:1 a lamp", "ready", "stopped", "closed"]);
    assert.deepEqual(JSON.parse(readFileSync(writeDevices, "utf8")), {
      organisations: [{ identification: "org" }],
      devices: [
        {
          ...{ identification: "LAMP100000000001", family: "lamps", owner: "org" },
          authorisations: [{ organisation: "org", functionGroup: "DANGEROUS_COMMANDS" }],
        },
      ],
    });
    // There may be keys in it.
    assert.equal(statSync(writeDevices).mode & 0o777, 0o600);
  });
});
