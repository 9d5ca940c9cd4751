import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { MAIN } from "../command.ts";

const DIST = new URL(".", `file://${MAIN}`);
const STATIC_IMPORT = /^(?:import|export)\s(?:[^;"]*\sfrom )?"([^"]+)";/gm;

/** The file, and all that is loaded with it. */
function loadedWith(file: URL, found = new Map<string, string>()): ReadonlyMap<string, string> {
  if (found.has(file.href)) return found;
  const text = readFileSync(file, "utf8");
  found.set(file.href, text);
  for (const [, name = ""] of text.matchAll(STATIC_IMPORT)) {
    if (name.startsWith(".")) loadedWith(new URL(name, file), found);
    else found.set(name, "");
  }
  return found;
}

const packagesIn = (loaded: ReadonlyMap<string, string>) =>
  [...loaded.keys()].filter((name) => !name.startsWith("file:") && !isBuiltin(name));

function chunk(name: string): URL {
  const file = readdirSync(DIST, { recursive: true, encoding: "utf8" }).find((each) =>
    new RegExp(`\\b${name}-\\w+\\.js$`).test(each),
  );
  assert.ok(file, `no ${name} in dist: build first`);
  return new URL(file, DIST);
}

describe("the start", () => {
  it("of commands, and of the service, loads no package but what reads XML", () => {
    for (const file of [new URL("main.js", DIST), chunk("serve")]) {
      assert.deepEqual(packagesIn(loadedWith(file)), ["libxml2-wasm"]);
    }
  });

  it("loads texts that take an octet a character in memory", () => {
    const wide = [...loadedWith(chunk("serve"))].filter(([, text]) => /[\u0100-\uffff]/.test(text));
    assert.deepEqual(
      wide.map(([name]) => name),
      [],
    );
  });
});
