import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { released, untoldCommits } from "../scripts/changelog.ts";

describe("the changelog", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "metergate-changelog-"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const git = (folder: string, ...args: string[]) =>
    execFileSync("git", ["-C", folder, "-c", "user.name=T", "-c", "user.email=t@example.org", ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });

  /** Commits new content of files. */
  function commit(message: string, ...paths: string[]): void {
    for (const path of paths) {
      mkdirSync(join(root, path, ".."), { recursive: true });
      writeFileSync(join(root, path), message);
    }
    git(root, "add", "--all");
    git(root, "commit", "--quiet", "--message", message);
  }
  const subjects = (folder: string) => untoldCommits(folder).map((line) => line.replace(/^\w+ /, ""));

  it("tells of what users can tell", () => {
    assert.deepEqual(untoldCommits(fileURLToPath(new URL("../", import.meta.url))), []);
  });

  it("is missing a line when the contract, a command, a setting or the library changed after its last one", () => {
    git(root, "init", "--quiet");
    commit("begin", "CHANGELOG.md", "xsd/common.xsd");
    assert.deepEqual(subjects(root), []);
    commit("inner change", "src/lib/bytes.ts");
    commit("a setting of a family", "src/adapters/lamps/settings.ts");
    commit("order of elements\n\nChangelog: none, clients see no other order", "xsd/common.xsd");
    commit("a command", "src/cli/program.ts");
    assert.deepEqual(subjects(root), ["a command", "a setting of a family"]);
    commit("tell of it", "CHANGELOG.md");
    assert.deepEqual(subjects(root), []);
  });

  it("is not judged without the history: in a shallow clone, or outside of a repository", () => {
    assert.deepEqual(untoldCommits(root), []);
    git(root, "init", "--quiet");
    commit("begin", "CHANGELOG.md");
    commit("a command", "src/cli/program.ts");
    const shallow = join(root, "shallow");
    git(root, "clone", "--quiet", "--depth=1", `file://${root}`, shallow);
    assert.deepEqual(untoldCommits(shallow), []);
    assert.deepEqual(subjects(root), ["a command"]);
  });

  it("has what was unreleased under the version, once it is released", () => {
    const text = "# Changelog\n\n## Unreleased\n\n- a thing\n\n## 0.1.0 (2025-01-01)\n\n- old\n";
    assert.equal(
      released(text, "0.2.0", "2026-01-31"),
      "# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-01-31)\n\n- a thing\n\n## 0.1.0 (2025-01-01)\n\n- old\n",
    );
    assert.throws(() => released(text, "0.1.0", "2026-01-31"), /0\.1\.0 already/);
    assert.throws(
      () => released(released(text, "0.2.0", "2026-01-31"), "0.3.0", "2026-02-01"),
      /nothing is unreleased/,
    );
    assert.throws(() => released("# Changelog\n", "0.2.0", "2026-01-31"), /no chapter/);
  });
});
