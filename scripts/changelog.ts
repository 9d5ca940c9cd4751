import { execFileSync } from "node:child_process";

/** What users can tell a change of: the contract, commands, settings, and what the library offers. */
const TELLING = [
  "wsdl",
  "xsd",
  "src/cli/program.ts",
  "src/config.ts",
  ":(glob)src/**/settings.ts",
  "docs/dlms-api.txt",
];
/** In the body of a commit that changes one of these and that users cannot tell. */
const NOTHING_TO_TELL = /^Changelog: none\b/m;

function git(root: string, ...args: string[]): string {
  return execFileSync("git", ["-C", root, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}

/** Whether all that happened can be seen: not in a shallow clone, a tarball, or without git. */
function hasHistory(root: string): boolean {
  try {
    return git(root, "rev-parse", "--is-shallow-repository", "--show-prefix") === "false";
  } catch {
    return false;
  }
}

/**
 * Commits that users can tell and that came after the last line in the changelog.
 * @param root folder of a repository, as a path
 * @returns `hash subject`, youngest first; none where there is no history to look at
 */
export function untoldCommits(root: string): string[] {
  if (!hasHistory(root)) return [];
  const told = git(root, "log", "-1", "--format=%H", "--", "CHANGELOG.md");
  if (told === "") return [];
  const commits = git(root, "log", "--no-merges", "-z", "--format=%h %s%n%b", `${told}..HEAD`, "--", ...TELLING);
  return commits
    .split("\0")
    .filter((commit) => commit !== "" && !NOTHING_TO_TELL.test(commit))
    .map((commit) => commit.split("\n")[0]!);
}

/**
 * The changelog with what was unreleased under a version.
 * @param date `2026-01-31`
 * @throws RangeError when there is nothing to release, or the version is there already
 */
export function released(changelog: string, version: string, date: string): string {
  const heading = "## Unreleased\n";
  const [before, after] = changelog.split(heading);
  if (before === undefined || after === undefined) throw new RangeError("CHANGELOG.md has no chapter Unreleased");
  if (!/^- /m.test(after.split(/^## /m)[0]!)) throw new RangeError("nothing is unreleased");
  if (after.includes(`\n## ${version} `)) throw new RangeError(`CHANGELOG.md has ${version} already`);
  return `${before}${heading}\n## ${version} (${date})\n${after}`;
}
