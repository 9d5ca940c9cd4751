import { MetergateError } from "../../domain/errors.ts";
import type { SoftwareUpdate } from "../../operations/egauge/update-software.ts";
import type { OperationContext } from "./execution.ts";
import { follow, type OperationNote, tokenIn } from "./long-operation.ts";
import { MOST_LOOKS, Patience } from "./patience.ts";
import { earlier, sendOnce, unknownOutcome } from "./sent-once.ts";
import { listVersions, readVersions } from "./versions.ts";

/** Looks at a meter that runs its old software, after which it is not about to change: ten minutes and more. */
const LOOKS_AFTER_A_LOST_ANSWER = 60;

interface InstallNote extends OperationNote {
  readonly wanted: string;
  /** The installation has ended well, and the meter starts anew. */
  readonly installed?: boolean | undefined;
}

async function running(context: OperationContext, target: SoftwareUpdate["target"]): Promise<string | undefined> {
  const { firmware, kernel } = await readVersions(context);
  return target === "fw" ? firmware : kernel;
}

/** Looks until the meter runs what it is to run; it goes away meanwhile. */
async function awaitVersion(
  context: OperationContext,
  target: SoftwareUpdate["target"],
  note: InstallNote,
  most: number,
): Promise<boolean> {
  const { meter } = context;
  const patience = new Patience(context);
  for (let looks = most === 0 ? 0 : (note.looks ?? 0); ; looks++) {
    try {
      if ((await running(context, target)) === note.wanted) return true;
    } catch (error) {
      if (error !== meter.failure) throw error;
    }
    if (looks >= most) return false;
    await patience.pause(looks, { ...note, looks: looks + 1 });
  }
}

/**
 * Has a meter install software, and waits until it runs. It is told once: after a lost answer what runs on the meter
 * decides.
 * @returns the version
 * @throws MetergateError DEVICE_REFUSED with the meter's tag, NOT_NEWER among them; OUTCOME_UNKNOWN; Snooze
 */
export async function install(
  context: OperationContext,
  { target, branch, force, version }: Omit<SoftwareUpdate, "action">,
): Promise<string> {
  const before = await earlier<InstallNote>(context);
  let note: InstallNote;
  if (!before) {
    const wanted = version ?? (await listVersions(context, { target, branch })).newest;
    note = { sent: true, wanted };
    const body = {
      ...{ action: "install", target, version: wanted, force },
      ...(branch !== undefined && { branch }),
    };
    note = { ...note, token: tokenIn(await sendOnce(context, "/cmd/update", body, note)) };
    await context.note(note);
  } else note = before;
  if (note.token === undefined) {
    if (await awaitVersion(context, target, note, LOOKS_AFTER_A_LOST_ANSWER)) return note.wanted;
    throw unknownOutcome(`The answer to the command got lost, and the meter does not run ${note.wanted}`);
  }
  if (!note.installed) {
    await followUntilAway(context, target, { ...note, token: note.token });
    note = { ...note, installed: true, looks: 0 };
    await context.note(note);
  }
  if (await awaitVersion(context, target, note, MOST_LOOKS)) return note.wanted;
  throw unknownOutcome(`The meter began to install ${note.wanted} and does not run it`);
}

/**
 * Looks at an installation until it has ended, or the meter does not know it any more or runs the new software already: it
 * starts anew at the end. A connection that breaks may be that, or may not.
 */
async function followUntilAway(
  context: OperationContext,
  target: SoftwareUpdate["target"],
  note: InstallNote & { readonly token: string },
): Promise<void> {
  const patience = new Patience(context);
  for (let looks = note.looks ?? 0; looks < MOST_LOOKS; looks++) {
    try {
      await follow(context, { ...note, looks });
      return;
    } catch (error) {
      const isAway = error === context.meter.failure && error instanceof MetergateError;
      if (!isAway || error.code === "AUTHENTICATION_ERROR") throw error;
    }
    if (await awaitVersion(context, target, note, 0)) return;
    await patience.pause(looks, { ...note, looks: looks + 1 });
  }
}
