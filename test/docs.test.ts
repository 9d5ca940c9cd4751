import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../src/cli/program.ts";
import { describeSettings } from "../src/config.ts";
import * as dlms from "../src/dlms/index.ts";
import { ERROR_CATALOGUE } from "../src/domain/errors.ts";
import { OPERATIONS } from "../src/operations/index.ts";
import type { Operation } from "../src/operations/operation.ts";
import { BEHAVIOUR_NAMES } from "../src/simulators/dlms/behaviour-catalogue.ts";
import { startFleet } from "../src/simulators/dlms/fleet.ts";

const ROOT = new URL("../", import.meta.url);
const LOADER = new URL("scripts/typescript.mjs", ROOT).href;
const page = (name: string) => readFileSync(new URL(name, ROOT), "utf8");
const pagesIn = (folder: string) =>
  readdirSync(new URL(folder, ROOT)).flatMap((name) => (name.endsWith(".md") ? [`${folder}/${name}`] : []));
const PAGES = [
  "README.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "samples/demo-keys/README.md",
  ...pagesIn("docs"),
  ...pagesIn("docs/decisions"),
];

/** Every match of the pattern's group on every page, with the page. */
function everywhere(pattern: RegExp): { name: string; found: string }[] {
  return PAGES.flatMap((name) => [...page(name).matchAll(pattern)].map((match) => ({ name, found: match[1]! })));
}

async function help(words: readonly string[]): Promise<string> {
  let text = "";
  const out = (more: string) => {
    text += more;
  };
  await run([...words, "--help"], { env: {}, out, err: out });
  return text;
}

describe("the manual", () => {
  it("lists every error with its number, whether it is tried again, and what it means", () => {
    const rows = Object.entries(ERROR_CATALOGUE).map(
      ([code, entry]) => `| ${entry.fault ?? "technical"} | ${code} | ${entry.retry ? "yes" : "no"} | ${entry.means} |`,
    );
    const table = ["| code | name | tried again | meaning |", "|---|---|---|---|", ...rows].join("\n");
    const written = page("docs/integrators.md").match(/<!-- errors:begin -->\n([\s\S]*)\n<!-- errors:end -->/)?.[1];
    assert.equal(written, table, `docs/integrators.md needs this table:\n${table}`);
  });

  it("lists every operation whose failure is a Result", () => {
    const names = Object.values<Operation>(OPERATIONS).filter(({ failure }) => failure === "result");
    const list = `${names.map(({ name }) => name).join(", ")}.`;
    const written = page("docs/integrators.md").match(/<!-- results:begin -->\n([\s\S]*)\n<!-- results:end -->/)?.[1];
    assert.equal(written?.replaceAll("\n", " "), list);
  });

  it("links to what is there", () => {
    const links = everywhere(/\]\((?!https?:)([^)#\s]+)[^)]*\)/g);
    assert.ok(links.length > 5);
    for (const { name, found } of links) {
      assert.ok(existsSync(new URL(found, new URL(name, ROOT))), `${name} links to ${found}`);
    }
  });

  it("names settings that exist", () => {
    const others = ["METERGATE_CONFIG", "METERGATE_TEST_POSTGRES_URL", "METERGATE_TEST_SQLSERVER_URL"];
    const settings = new Set([...describeSettings().map(({ variable }) => variable), ...others]);
    for (const { name, found } of everywhere(/\b(METERGATE_[A-Z0-9_]+)/g)) {
      assert.ok(settings.has(found), `${name} names ${found}`);
    }
  });

  it("names commands and options that exist", async () => {
    const lines = everywhere(/(?:^|[ `])(?:metergate|node dist\/main\.js) ((?:[a-z][a-z-]*|--help)\b[^`\n]*)/gm).filter(
      ({ found }) => !found.startsWith("is "),
    );
    assert.ok(lines.length > 10);
    for (const { name, found } of lines) {
      const [command = "", ...parts] = found.replace(/ +#.*/, "").split(" ");
      if (command === "--help") continue;
      const groups = [
        "devices",
        "organisations",
        "certs",
        "vault",
        "application-keys",
        "firmware",
        "requests",
        "notifications",
        "alarms",
        "log",
        "simulate",
      ];
      const depth = ["log key", "log hold"].includes(`${command} ${parts[0]}`) ? 2 : groups.includes(command) ? 1 : 0;
      const words = [command, ...parts.slice(0, depth)];
      const text = await help(words);
      assert.ok(text.startsWith(`Usage: metergate ${words.join(" ")}`), `${name} names: metergate ${found}`);
      for (const option of parts.filter((part) => /^--[a-z]/.test(part))) {
        assert.match(text, new RegExp(`^ +${option}\\b`, "m"), `${name} names: metergate ${found}`);
      }
    }
  });

  it("has each page in its index", () => {
    for (const folder of ["docs", "docs/decisions"]) {
      const index = page(`${folder}/README.md`);
      const names = pagesIn(folder).map((path) => path.slice(folder.length + 1));
      for (const name of names) assert.ok(name === "README.md" || index.includes(`(${name})`), name);
    }
  });

  it("names decisions in their index as their pages do", () => {
    for (const [, title, name] of page("docs/decisions/README.md").matchAll(/^- \[(.*)\]\((.*)\)$/gm)) {
      assert.equal(page(`docs/decisions/${name}`).split("\n")[0], `# ${title}`);
    }
  });

  it("explains no word twice in the glossary", () => {
    const words = [...page("docs/glossary.md").matchAll(/^\| (.*?) \|/gm)].map((match) => match[1]!);
    const named = words.filter((word) => word !== "word");
    assert.ok(named.length > 40);
    assert.deepEqual(named, [...new Set(named)]);
  });

  it("starts the command in one way, which signals reach", () => {
    assert.deepEqual(everywhere(/((?:npx|npm (?:run|exec)[^`\n]*) metergate\b)/g), []);
  });

  it("has a simulator's option for every one that there is", async () => {
    const options = [...(await help(["simulate", "dlms"])).matchAll(/^ +(--[a-z-]+)/gm)].map((match) => match[1]!);
    for (const option of options) assert.match(page("docs/simulator.md"), new RegExp(`^\\| \`${option}[ \`]`, "m"));
  });

  it("describes every behaviour of simulated meters, and no other", () => {
    const section = page("docs/simulator.md").split("## Behaviours")[1]?.split("\n## ")[0] ?? "";
    const described = [...section.matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1]!);
    assert.deepEqual(described.sort(), [...BEHAVIOUR_NAMES].sort());
  });

  it("has a devices file that can be imported", async () => {
    const directory = mkdtempSync(join(tmpdir(), "metergate-docs-"));
    try {
      const file = join(directory, "devices.json");
      writeFileSync(file, page("docs/devices.md").match(/```json\n([\s\S]*?)```/)?.[1] ?? "");
      let [out, err] = ["", ""];
      const surroundings = {
        env: { METERGATE_DATA_DIR: join(directory, "data") },
        out: (text: string) => {
          out += text;
        },
        err: (text: string) => {
          err += text;
        },
      };
      assert.equal(await run(["devices", "import", file], surroundings), 0, err);
      assert.match(out, /^devices: 2 added/m);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("names exports of metergate/dlms that exist", () => {
    const table = page("docs/dlms.md")
      .split("\n")
      .filter((line) => line.startsWith("| "));
    const names = table.flatMap((line) =>
      [...(line.split("|")[2] ?? "").matchAll(/`([A-Za-z]+)/g)].map(([, name]) => name!),
    );
    assert.ok(names.length > 10);
    for (const name of names) assert.ok(name in dlms, name);
  });

  it("has a DLMS example that reads the clock of a simulated meter", async () => {
    const example = page("docs/dlms.md").match(/```ts\n([\s\S]*?)```/)?.[1] ?? "";
    const directory = mkdtempSync(join(tmpdir(), "metergate-docs-"));
    const fleet = await startFleet([{ profile: "smr5.0.0" }]);
    try {
      const file = join(directory, "example.mts");
      const library = new URL("src/dlms/index.ts", ROOT).href;
      writeFileSync(
        file,
        example.replaceAll('"metergate/dlms"', JSON.stringify(library)).replace("4059", String(fleet.meters[0]!.port)),
      );
      const child = spawn(process.execPath, ["--import", LOADER, file], { cwd: fileURLToPath(ROOT) });
      let [out, err] = ["", ""];
      child.stdout.on("data", (text) => {
        out += text;
      });
      child.stderr.on("data", (text) => {
        err += text;
      });
      const [code] = await once(child, "close");
      assert.deepEqual([code, err], [0, ""]);
      assert.match(out, /^\d{4}-\d\d-\d\d/);
    } finally {
      await fleet.close();
      rmSync(directory, { recursive: true });
    }
  });
});
