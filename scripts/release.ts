/**
 * Makes a release, up to the commit: `npm run release -- 0.2.0`. Version and changelog are written, the package is packed,
 * installed into an empty folder as users do, and its demo runs there; only then is it committed and tagged. With
 * `--try` nothing is written or committed: the package is packed as it stands.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { released, untoldCommits } from "./changelog.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const CHANGELOG = join(ROOT, "CHANGELOG.md");

const [version = ""] = process.argv.slice(2);
const isTrial = version === "--try";

function run(command: string, args: readonly string[], cwd = ROOT): string {
  console.log(`> ${command} ${args.join(" ")}`);
  return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim();
}

function stop(reason: string): never {
  console.error(reason);
  process.exit(1);
}

/** Packs, installs into an empty folder, and runs the demo from there. */
function tryPackage(): void {
  const folder = mkdtempSync(join(tmpdir(), "metergate-release-"));
  try {
    run("npm", ["pack", "--silent", "--pack-destination", folder]);
    const archive = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? stop("npm pack made no package");
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
    run("npm", ["install", "--silent", "--no-audit", "--no-fund", join(folder, archive)], folder);
    console.log(run(process.execPath, ["node_modules/metergate/dist/main.js", "demo"], folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (!isTrial) {
  if (!/^\d+\.\d+\.\d+$/.test(version)) stop("usage: npm run release -- VERSION, or --try");
  if (run("git", ["status", "--porcelain"]) !== "") stop("there are changes that are not committed");
  const untold = untoldCommits(ROOT);
  if (untold.length > 0) stop(`CHANGELOG.md does not tell of:\n${untold.join("\n")}`);
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(CHANGELOG, released(readFileSync(CHANGELOG, "utf8"), version, date));
  run("npm", ["version", "--no-git-tag-version", version]);
}
try {
  tryPackage();
} catch (error) {
  if (!isTrial) run("git", ["checkout", "--", "CHANGELOG.md", "package.json", "package-lock.json"]);
  stop((error as Error).message);
}
if (!isTrial) {
  run("git", ["commit", "--all", "--message", `release: ${version}`]);
  run("git", ["tag", "--annotate", `v${version}`, "--message", `Metergate ${version}`]);
  console.log(`${version} is committed and tagged; git push --follow-tags and npm publish bring it to others`);
}
