import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleIn } from "../message-log/bundle-files.ts";
import { verifyBundle } from "../message-log/bundle-verifier.ts";
import { writeBundle } from "../message-log/bundle-writer.ts";
import { KeyList } from "../message-log/key-list.ts";
import { parseVerifierKey } from "../message-log/note.ts";
import { formatFinding } from "../message-log/verdict.ts";
import type { Service } from "../service.ts";

const SECOND_VERIFIER = fileURLToPath(new URL("../../docs/verify_bundle.py", import.meta.url));

/** What the verifier in Python says last, or why it says nothing. */
function secondVerdict(bundle: string, keys: readonly string[]): Promise<string> {
  const args = [SECOND_VERIFIER, bundle, ...keys.flatMap((key) => ["--key", key])];
  return new Promise((resolve) => {
    execFile("python3", args, (error, stdout) => {
      if ((error as NodeJS.ErrnoException | null)?.code === "ENOENT") resolve("there is no python3 here");
      else resolve(/(\d+ entries verified.*)\n$/.exec(stdout)?.[1] ?? "it failed");
    });
  });
}

/**
 * Exports the log of a service and has both verifiers look.
 * @returns how many of them refused
 */
export async function verifyDemoLog(service: Service, print: (line: string) => void): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), "metergate-bundle-"));
  try {
    await service.publishLog();
    const { messageLog } = service.store;
    const keys = [...(await new KeyList().read(messageLog)).keys()];
    const { entries } = await writeBundle(messageLog, directory, {});
    print(`\nthe log, ${entries} entries, was exported as a bundle that anybody can verify:`);
    const trust = { keys: keys.map(parseVerifierKey), witnesses: [], checkpoints: [] };
    const { findings, entries: verified } = verifyBundle(bundleIn(directory), trust);
    const verdict = findings.length === 0 ? "accepted" : "REFUSED";
    for (const finding of findings) print(`        ${formatFinding(finding)}`);
    print(`metergate log verify:   ${verified} entries verified, ${findings.length} defects: ${verdict}`);
    const second = await secondVerdict(directory, keys);
    print(`docs/verify_bundle.py:  ${second}`);
    return (findings.length === 0 ? 0 : 1) + (/: accepted$|no python3/.test(second) ? 0 : 1);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
