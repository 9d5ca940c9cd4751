import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "../../src/lib/clock.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { bundleIn, bundleOf } from "../../src/message-log/bundle-files.ts";
import { type Trust, verifyBundle } from "../../src/message-log/bundle-verifier.ts";
import { type Selection, writeBundle } from "../../src/message-log/bundle-writer.ts";
import { type LogEntry, MessageLog } from "../../src/message-log/message-log.ts";
import { Publisher } from "../../src/message-log/publisher.ts";
import { growLog } from "../../src/message-log/sequencer.ts";
import { logSigner, type Signer } from "../../src/message-log/signer.ts";
import { openTemporaryStore, type TemporaryStore } from "../store/temporary-store.ts";

export const NAME = "log.example/test";
export const SIGNER = logSigner(NAME, new Uint8Array(32).fill(1));
export const TRUST: Trust = { keys: [SIGNER.key], witnesses: [], checkpoints: [] };

/** A log of its own that is published, and bundles of it. */
export class BundleWorld {
  readonly store: TemporaryStore;
  readonly clock: ManualClock;
  readonly directory = mkdtempSync(join(tmpdir(), "metergate-bundle-"));
  signers: readonly Signer[] = [SIGNER];
  #bundles = 0;

  private constructor(store: TemporaryStore, clock: ManualClock) {
    this.store = store;
    this.clock = clock;
  }

  static async open(): Promise<BundleWorld> {
    const clock = new ManualClock(1_700_000_000_000);
    return new BundleWorld(await openTemporaryStore(clock), clock);
  }

  async close(): Promise<void> {
    await this.store.close();
    rmSync(this.directory, { recursive: true });
  }

  /** Entries of two organisations, one a second. */
  async append(count: number, fields: Partial<LogEntry> = {}): Promise<void> {
    const log = new MessageLog(this.store.messageLog, this.clock);
    for (let i = 0; i < count; i++) {
      const organisation = i % 2 ? "Utility" : "Other";
      const caller = { organisation, userName: "clerk", applicationName: "ERP" };
      const body = Buffer.from(`<message>${organisation} ${i} €</message>\n`);
      const what = { direction: i % 3 ? "in" : "out", service: "adhoc", operation: "SynchronizeTime" } as const;
      const about = { device: `E${i % 5}`, correlationUid: `uid-${Math.floor(i / 2)}` };
      await log.append({ ...what, ...about, caller, body, ...fields });
      this.clock.advance(1000);
    }
  }

  async publish(directory = join(this.directory, "log")): Promise<string> {
    await growLog(this.store.messageLog);
    const { clock } = this;
    const parts = { log: this.store.messageLog, directory, signers: () => this.signers, attestors: [], clock };
    await new Publisher({
      ...parts,
      random: systemRandom,
      onRefused: (_, error) => {
        throw error;
      },
    }).publish();
    return readFileSync(join(directory, "checkpoint"), "utf8");
  }

  /** Writes a bundle and gives its directory. */
  async export(selection: Selection = {}): Promise<string> {
    const directory = join(this.directory, `bundle-${this.#bundles++}`);
    await writeBundle(this.store.messageLog, directory, selection);
    return directory;
  }
}

export function verify(directory: string, trust: Trust = TRUST) {
  return verifyBundle(bundleIn(directory), trust);
}

/** What is wrong, as texts: `LEAF_CHANGED 3-3`. */
export function told({ findings }: ReturnType<typeof verifyBundle>): string[] {
  return findings.map(({ defect, first, last }) => (first === undefined ? defect : `${defect} ${first}-${last}`));
}

/** All files of a bundle. */
export function filesOf(directory: string): Map<string, Uint8Array> {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    names.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(directory.length + 1), new Uint8Array(readFileSync(path))];
    }),
  );
}

export { bundleOf };
