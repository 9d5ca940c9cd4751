import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { itemsOf, pageText, Terminal } from "./terminal.ts";

/** Commands of other people's that the page uses, and how to see that they are there. */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  curl: ["curl", "--version"],
  python3: ["/usr/bin/python3", "-c", "import zeep, xmlsec"],
};
const isThere = (program: string) => {
  const [command = "", ...args] = FOREIGN[program]!;
  return spawnSync(command, args).status === 0;
};
const MISSING = Object.keys(FOREIGN).filter((program) => !isThere(program));

describe("the integrators' page", () => {
  const terminal = new Terminal();
  after(() => terminal.close());

  it(`leads from nothing to a signed request${MISSING.length > 0 ? `, without ${MISSING.join(" and ")}` : ""}`, async () => {
    const outputs = new Map<string, string>();
    for (const item of itemsOf(pageText("docs/integrators.md", "From nothing to a signed request"))) {
      const command = "command" in item ? item.command : "";
      if (MISSING.some((program) => command.startsWith(program))) continue;
      outputs.set(command.split(" ").slice(0, 3).join(" "), await terminal.do(item));
    }
    assert.match(outputs.get("node dist/main.js send") ?? "", /<sm-configuration:Result>OK</);
    for (const program of ["node client.mjs", ...(MISSING.includes("python3") ? [] : ["python3 signed.py"])]) {
      assert.match(outputs.get(program) ?? "", /^test-org\|\|\|SIMDM000000000001\|\|\|\d{17}\|\|\|\S+$/m, program);
    }
  });
});
