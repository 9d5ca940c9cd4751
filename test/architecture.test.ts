import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCE = fileURLToPath(new URL("../src", import.meta.url));

/** The parts that put everything together: they may import all of it. */
const COMPOSITION = [
  "main.ts",
  "service.ts",
  "assemble.ts",
  "families.ts",
  "tasks.ts",
  "metrics.ts",
  "cli",
  "simulators/index.ts",
];

/** Who may import whom, besides its own part; families have `rowsOf`. */
const ALLOWED: Record<string, readonly string[]> = {
  lib: [],
  domain: ["lib"],
  transport: ["domain", "lib"],
  operations: ["domain", "lib"],
  contract: ["operations", "domain", "lib"],
  "message-log": ["store", "domain", "lib"],
  store: ["domain", "lib"],
  devices: ["store", "message-log", "operations", "domain", "lib"],
  requests: ["store", "message-log", "operations", "domain", "lib"],
  certificates: ["lib"],
  operators: ["lib"],
  "xml-signature": [],
  http: ["domain", "lib"],
  soap: ["http", "xml-signature", "contract", "operations", "requests", "devices", "message-log", "domain", "lib"],
  tasks: ["store", "domain", "lib"],
  worker: ["requests", "devices", "operations", "domain", "lib"],
  "adapters/run-actions.ts": ["operations", "domain", "lib"],
  "adapters/platform": ["adapters/run-actions.ts", "operations", "devices", "domain", "lib"],
  events: ["transport", "message-log", "store", "domain", "lib"],
  notifications: ["store", "transport", "contract", "operations", "message-log", "domain", "lib"],
  "config.ts": ["families.ts", "http", "message-log", "notifications", "domain", "lib"],
};

/** A family: its adapter and its simulator, which share the library of its name, if it has one, and nothing else. */
function rowsOf(family: string): Record<string, readonly string[]> {
  return {
    [family]: ["lib"],
    [`adapters/${family}`]: ["adapters/run-actions.ts", family, "operations", "transport", "devices", "domain", "lib"],
    [`simulators/${family}`]: [family, "transport", "domain", "lib"],
  };
}

/** Packages that are seen in few places only. */
const PACKAGES: Record<string, readonly string[]> = {
  express: ["http", "console"],
  knex: ["store"],
  libsql: ["store"],
  pg: ["store"],
  mssql: ["store"],
  "node-forge": ["certificates"],
  "xml-crypto": ["xml-signature"],
  "@xmldom/xmldom": ["xml-signature"],
  soap: ["notifications", "cli"],
  undici: ["transport"],
  "prom-client": ["metrics.ts"],
  "node:net": ["transport"],
  "node:dgram": ["transport"],
  "node:tls": ["http", "transport"],
  "node:http": ["http", "soap", "simulators", "transport"],
  "node:https": ["http", "transport"],
};
/** What the DLMS library may take from Node.js, and words of those it may not. */
const DLMS_MODULES = ["node:crypto"];
const INPUT_OUTPUT = /\b(setTimeout|setInterval|setImmediate|Date\.now|new Date\(\)|console|process)\b/;

/** Words for the system's time and timers, which only lib may use: everybody else is given a clock. */
const SYSTEM_TIME =
  /(?<![.\w])(Date\.now|performance\.now|process\.hrtime|setTimeout|setInterval|setImmediate)\b|new Date\(\)/;
/** The wall clock in a sum or a difference: a moment is being made from it, or something measured. */
const WALL_CLOCK_SUM = /\b(now\(\)|nowMs(\(\))?)\s*[-+]|[-+]=?\s*[\w.#]*\b(now\(\)|nowMs\b)/;
/** Files that reckon with the wall clock, and with what moment that callers name or that is stored. */
const RECKONING: Record<string, string> = {
  "lib/clock.ts": "the clocks themselves",
  "store/sqlite/aggregates/leases.ts": "when a lease ends, by the store's steady time",
  "store/sqlite/aggregates/runs.ts": "how long it is until something is due",
  "store/permits.ts": "how full a bucket of permits is, by the store's steady time",
  "store/server/aggregates/leases.ts": "when a lease ends, by the database's time",
  "store/server/aggregates/claim.ts": "when a lease ends, by the database's time",
  "store/server/aggregates/overdue.ts": "how long it is until something is due",
  "store/sqlite/engine.ts": "a call that waited is later than it was made",
  "requests/settle.ts": "when a retry falls due, which outlives the process",
  "requests/queue.ts": "when a lease ends, for operators",
  "requests/retention.ts": "how old is too old, by both clocks",
  "message-log/retention.ts": "how old is too old; whoever calls it believes the clock",
  "notifications/sender.ts": "when a notification falls due again, which outlives the process",
  "devices/key-processing.ts": "since when a key change has been under way",
  "adapters/dlms/gas-meter-key.ts": "the counter of key changes, which is a time",
  "simulators/ekm/meter.ts": "the time of a meter",
  "simulators/smart-energy/meter.ts": "the time of a meter",
  "simulators/smart-energy/schedule.ts": "the time of a gateway",
  "simulators/dlms/meter.ts": "the time of a meter",
  "simulators/dlms/events.ts": "the time of a meter",
  "simulators/dlms/classes/clock.ts": "the time of a meter",
  "simulators/dlms/classes/capture-schedule.ts": "the time of a meter",
  "simulators/dlms/classes/simple-objects.ts": "the time of a meter",
};

/** The head of a statement in a text. */
const SQL = /["'`]\s*(select\s[^"'`]*\sfrom|insert into|update\s+\w+\s+set|delete from|create (table|index)|pragma)\s/i;

function codeOf(file: string): string {
  return readFileSync(join(SOURCE, file), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
}

function partOf(file: string): string {
  const [first = "", second = ""] = file.split("/");
  return first === "adapters" || first === "simulators" ? `${first}/${second}` : first;
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(SOURCE, file), "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => match[1]!);
}

/** The folders of `adapters`, but for the platform, which is no family of devices. */
const FAMILY_FOLDERS = readdirSync(join(SOURCE, "adapters"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== "platform")
  .map(({ name }) => name);

describe("the parts of the source tree", () => {
  const allowed: Record<string, readonly string[]> = Object.assign({}, ...FAMILY_FOLDERS.map(rowsOf), ALLOWED);
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
        if (target !== part && !allowed[part]?.includes(target)) violations.push(`${file} imports ${target}`);
      }
    }
    assert.deepEqual(violations, []);
  });

  it("see a restricted package only where the design places it", () => {
    const violations: string[] = [];
    for (const file of files) {
      for (const specifier of importsOf(file)) {
        const [name] = Object.keys(PACKAGES).filter((each) => `${specifier}/`.startsWith(`${each}/`));
        const places = name && PACKAGES[name];
        if (places && !places.includes(partOf(file).split("/")[0]!)) violations.push(`${file} imports ${specifier}`);
      }
    }
    assert.deepEqual(violations, []);
  });

  it("take zod by its namespace, which a build can cut to what is used", () => {
    const whole = /import (?:type )?\{[^}]*\bz\b[^}]*\} from "zod"/;
    assert.deepEqual(
      files.filter((file) => whole.test(readFileSync(join(SOURCE, file), "utf8"))),
      [],
    );
  });

  it("load packages that few need when they are needed, not at each start", () => {
    const eager =
      /^import (?!type\b)[^;]* from "(?:xml-crypto|@xmldom\/xmldom|node-forge|soap|undici|mssql|knex|prom-client)"/m;
    // Both are loaded by whoever needs them.
    const isLazy = (file: string) => /^(certificates|store\/postgres|store\/sqlserver)\//.test(file);
    assert.deepEqual(
      files.filter((file) => !isLazy(file) && eager.test(readFileSync(join(SOURCE, file), "utf8"))),
      [],
    );
  });

  it("serve over the router of express, from the host of everything that is served", () => {
    assert.ok(importsOf("http/app.ts").includes("express"));
  });

  it("keep the DLMS library without input and output: no module for it, no timer, no clock", () => {
    const violations: string[] = [];
    for (const file of files.filter((each) => partOf(each) === "dlms")) {
      const foreign = importsOf(file).filter((name) => !name.startsWith(".") && !DLMS_MODULES.includes(name));
      violations.push(...foreign.map((name) => `${file} imports ${name}`));
      const word = INPUT_OUTPUT.exec(codeOf(file))?.[0];
      if (word) violations.push(`${file} uses ${word}`);
    }
    assert.deepEqual(violations, []);
  });

  it("speak SQL below store/<database>/ only, and a driver nowhere else", () => {
    const violations = files.flatMap((file) => {
      const isDatabase = /^store\/[^/]+\//.test(file);
      const driver = importsOf(file).find((name) => /^(knex|libsql|pg|mssql|tedious)\b/.test(name));
      const statement = SQL.exec(codeOf(file))?.[0];
      return isDatabase ? [] : [driver, statement].filter((found) => found).map((found) => `${file}: ${found}`);
    });
    assert.deepEqual(violations, []);
  });

  it("take the time and timers from lib alone", () => {
    const violations = files.flatMap((file) => {
      const word = partOf(file) === "lib" ? undefined : SYSTEM_TIME.exec(codeOf(file))?.[0];
      return word ? [`${file} uses ${word}`] : [];
    });
    assert.deepEqual(violations, []);
  });

  it("measure by the monotonic clock: the wall clock may step at any time", () => {
    const violations = files.flatMap((file) => {
      const sum = file in RECKONING ? undefined : WALL_CLOCK_SUM.exec(codeOf(file))?.[0];
      return sum ? [`${file}: ${sum}`] : [];
    });
    assert.deepEqual(violations, []);
  });

  it("need every package that users of the service install", () => {
    const { dependencies } = JSON.parse(readFileSync(join(SOURCE, "../package.json"), "utf8"));
    const imported = new Set(files.flatMap(importsOf));
    const dead = Object.keys(dependencies).filter((name) => !imported.has(name));
    assert.deepEqual(dead, []);
  });
});
