import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { demo } from "../../src/cli/demo.ts";
import { loadConfig } from "../../src/config.ts";
import { temporaryDirectory } from "./harness.ts";

const documents = readdirSync(new URL("../../samples", import.meta.url)).filter((file) => file.endsWith(".xml"));

describe("the demo", () => {
  it("sends every document of the samples, and all finish as they should", async () => {
    const directory = temporaryDirectory();
    const config = loadConfig({
      METERGATE_PORT: "0",
      METERGATE_DATA_DIR: directory.path,
      METERGATE_LOG_LEVEL: "silent",
    });
    const lines: string[] = [];
    try {
      const exitCode = await demo({ config: () => config, print: (text) => void lines.push(text) }, { keep: false });
      assert.equal(exitCode, 0, lines.join("\n"));
    } finally {
      directory.remove();
    }
    const printed = lines.join("\n");
    for (const file of documents) assert.match(printed, new RegExp(`\\] +${file.replace(/\.xml$/, "")} `), file);
    for (const line of printed.split("\n")) assert.ok(line.length <= 80 || /^ {10}\S+$/.test(line), line);
    assert.match(printed, new RegExp(`${documents.length} of ${documents.length} requests finished as they should`));
    assert.match(printed, /\nmetergate log verify: {3}\d+ entries verified, 0 defects: accepted\n/);
    assert.match(
      printed,
      /\ndocs\/verify_bundle\.py: {2}(\d+ entries verified, 0 defects: accepted|there is no python3 here)$/,
    );
  });
});
