import { execFile, execFileSync } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A disk in memory that can be filled; needs Linux, and root to mount it. */
export class SmallDisk {
  readonly #directory: string;
  readonly #filler: string;

  private constructor(directory: string) {
    this.#directory = directory;
    this.#filler = join(directory, "filler");
  }

  /** Puts one at an empty directory; undefined where that is not allowed. */
  static mount(directory: string, sizeMb: number): SmallDisk | undefined {
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeMb}m`, "tmpfs", directory], { stdio: "ignore" });
    } catch {
      return undefined;
    }
    chmodSync(directory, 0o711);
    return new SmallDisk(directory);
  }

  /** Leaves no octet free. */
  async fill(): Promise<void> {
    // It ends when the disk is full, as a failure.
    await run("dd", ["if=/dev/zero", `of=${this.#filler}`, "bs=64k"]).catch(() => {});
  }

  free(): void {
    rmSync(this.#filler, { force: true });
  }

  async unmount(): Promise<void> {
    await run("umount", ["--lazy", this.#directory]);
  }
}
