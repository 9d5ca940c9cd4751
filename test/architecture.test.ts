import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCE = fileURLToPath(new URL("../src", import.meta.url));

/** The parts that put everything together: they may import all of it. */
const COMPOSITION = ["main.ts", "service.ts", "cli"];

/** Who may import whom, besides its own part. */
const ALLOWED: Record<string, readonly string[]> = {
  lib: [],
  dlms: ["lib"],
  domain: ["lib"],
  transport: ["domain", "lib"],
  contract: ["domain", "lib"],
  "message-log": ["store", "domain", "lib"],
  store: ["domain", "lib"],
  devices: ["store", "domain", "lib"],
  requests: ["store", "message-log", "domain", "lib"],
  soap: ["contract", "requests", "devices", "message-log", "domain", "lib"],
  worker: ["requests", "adapters/adapter.ts", "devices", "domain", "lib"],
  "adapters/adapter.ts": ["domain"],
  "adapters/dlms": ["adapters/adapter.ts", "dlms", "transport", "devices", "domain", "lib"],
  alarms: ["dlms", "transport", "message-log", "store", "domain", "lib"],
  "simulators/dlms": ["dlms", "transport", "domain", "lib"],
  "config.ts": ["lib"],
};

/** Packages that are seen in few places only. */
const PACKAGES: Record<string, readonly string[]> = {
  express: ["soap", "console"],
  knex: ["store"],
  libsql: ["store"],
  "xml-crypto": ["message-log", "soap"],
  soap: ["notifications", "cli"],
  "node:net": ["transport"],
  "node:dgram": ["transport"],
};

function partOf(file: string): string {
  const [first = "", second = ""] = file.split("/");
  return first === "adapters" || first === "simulators" ? `${first}/${second}` : first;
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(SOURCE, file), "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => match[1]!);
}

describe("the parts of the source tree", () => {
  const files = (readdirSync(SOURCE, { recursive: true, encoding: "utf8" }) as string[]).filter((f) =>
    f.endsWith(".ts"),
  );

  it("import only what the design lets them", () => {
    const violations: string[] = [];
    for (const file of files) {
      const part = partOf(file);
      if (COMPOSITION.includes(part)) continue;
      for (const specifier of importsOf(file).filter((name) => name.startsWith("."))) {
        const target = partOf(relative(SOURCE, normalize(join(SOURCE, dirname(file), specifier))));
        if (target !== part && !ALLOWED[part]?.includes(target)) violations.push(`${file} imports ${target}`);
      }
    }
    assert.deepEqual(violations, []);
  });

  it("see a restricted package only where the design places it", () => {
    const violations: string[] = [];
    for (const file of files) {
      for (const specifier of importsOf(file)) {
        const allowed = PACKAGES[specifier];
        if (allowed && !allowed.includes(partOf(file).split("/")[0]!)) violations.push(`${file} imports ${specifier}`);
      }
    }
    assert.deepEqual(violations, []);
  });
});
