import type { AdapterRun } from "../../domain/adapter.ts";
import type { CommandMemory, CommandNote } from "./cloud.ts";

/** What is noted of an action: its commands, by their number; null for one that was certainly not handed on. */
interface ActionNote {
  readonly commands: readonly (CommandNote | null)[];
}

/** What is known of the commands of an action, and where it is written down before they are sent. */
export async function memoryOf(run: AdapterRun, position: number): Promise<(step: number) => CommandMemory> {
  // Nobody wrote anything down before the first run.
  const noted = run.attempt > 1 ? ((await run.noted(position)) as ActionNote | undefined) : undefined;
  const commands = [...(noted?.commands ?? [])];
  return (step) => ({
    note: commands[step] ?? undefined,
    async keep(note) {
      while (commands.length < step) commands.push(null);
      commands[step] = note;
      await run.note(position, { commands } satisfies ActionNote);
    },
  });
}
