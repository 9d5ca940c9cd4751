import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "./harness.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** What a checkout has and a copy of it does without. */
const LEFT_OUT = [".git", "node_modules", "dist", "data"];

/** A step of a recipe: a file to write, a piece to put into one, or commands. */
type Step =
  | { readonly kind: "file"; readonly path: string; readonly content: string }
  | { readonly kind: "piece"; readonly path: string; readonly after: string; readonly content: string }
  | { readonly kind: "run"; readonly commands: string };

/** Reads the steps that a page tells, in their order. */
function stepsOf(page: string): Step[] {
  const blocks = page.matchAll(/(?:^(.*)\n\n)?^```(\w+)\n([\s\S]*?)^```$/gm);
  return [...blocks].map(([, told = "", language, content = ""]): Step => {
    if (language === "sh") return { kind: "run", commands: content };
    const [, file] = /^`([^`]+)`:$/.exec(told) ?? [];
    if (file) return { kind: "file", path: file, content };
    const [, path, after] = /^In `([^`]+)`, after `([^`]+)`:$/.exec(told) ?? [];
    assert.ok(path && after, `nobody can tell where this goes: ${told}`);
    return { kind: "piece", path, after, content };
  });
}

describe("the recipes of CONTRIBUTING.md", () => {
  const directory = temporaryDirectory();
  const tree = join(directory.path, "tree");
  after(() => directory.remove());

  const recipes = readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8").split("\n## Recipes\n")[1]!.split("\n### ");

  /** Does in a shell what the page says; fails with all that was printed. */
  function run(commands: string): Promise<void> {
    const env = { ...process.env, TMPDIR: directory.path, TEST_RUN_FOLDER: join(directory.path, "run") };
    mkdirSync(env.TEST_RUN_FOLDER, { recursive: true });
    return new Promise((resolve, reject) =>
      execFile("bash", ["-euc", commands], { cwd: tree, env }, (error, out, err) =>
        error ? reject(new assert.AssertionError({ message: `${commands}\n${out}\n${err}` })) : resolve(),
      ),
    );
  }

  before(() => {
    mkdirSync(tree);
    for (const name of readdirSync(ROOT).filter((each) => !LEFT_OUT.includes(each))) {
      cpSync(join(ROOT, name), join(tree, name), { recursive: true });
    }
    symlinkSync(join(ROOT, "node_modules"), join(tree, "node_modules"));
  });

  for (const recipe of recipes.slice(1)) {
    it(`${recipe.split("\n")[0]}: does what it says`, async () => {
      for (const step of stepsOf(recipe)) {
        if (step.kind === "run") await run(step.commands);
        else {
          const path = join(tree, step.path);
          if (step.kind === "file") {
            mkdirSync(dirname(path), { recursive: true });
            writeFileSync(path, step.content);
          } else {
            const [before, ...behind] = readFileSync(path, "utf8").split(step.after);
            assert.ok(behind.length > 0, `${step.path} has no ${step.after}`);
            writeFileSync(path, `${before}${step.after}\n${step.content.trimEnd()}${behind.join(step.after)}`);
          }
        }
      }
    });
  }
});
