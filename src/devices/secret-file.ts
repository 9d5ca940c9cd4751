import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { MetergateError } from "../domain/errors.ts";

function writeDraft(path: string, content: string): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.new`;
  const file = openSync(draft, "w", 0o600);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return draft;
}

/**
 * Makes the name of a file as durable as its content. Without it a power cut can take a key away whose use is in the
 * database already. Windows opens no directories, and needs none of this.
 */
function syncDirectory(path: string): void {
  if (process.platform === "win32") return;
  const directory = openSync(dirname(path), "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/**
 * Reads a file that nobody but its owner may read.
 * @param what words for it in an error
 * @throws MetergateError VAULT_UNREADABLE when it is missing, cannot be read, or others may read it
 */
export function readSecretFile(path: string, what: string): Buffer {
  const refuse = (text: string): never => {
    throw new MetergateError("VAULT_UNREADABLE", text);
  };
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return refuse(`${what} ${path} is missing`);
  if (process.platform !== "win32" && (stat.mode & 0o077) !== 0) {
    return refuse(`others may read ${what} ${path}; make its mode 600`);
  }
  try {
    return readFileSync(path);
  } catch (error) {
    return refuse(`${what} ${path} cannot be read: ${(error as Error).message}`);
  }
}

/**
 * Replaces a file that only its owner can read (mode 600), whole or not at all: a crash leaves the old content. What is
 * new is on the disk when this returns.
 */
export function replaceSecretFile(path: string, content: string): void {
  renameSync(writeDraft(path, content), path);
  syncDirectory(path);
}

/**
 * Makes a file that only its owner can read (mode 600). Of two processes that make it at the same time one wins, and
 * the other finds the winner's: a key that was overwritten would leave unreadable what it sealed in between.
 */
export function createSecretFile(path: string, content: string): void {
  const draft = writeDraft(path, content);
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    unlinkSync(draft);
  }
  syncDirectory(path);
}

/**
 * Runs `change` while no other process does the same for this path.
 * @returns false when another one holds the lock
 */
export function withFileLock(path: string, change: () => void): boolean {
  const lock = `${path}.lock`;
  try {
    closeSync(openSync(lock, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  }
  try {
    change();
  } finally {
    unlinkSync(lock);
  }
  return true;
}
