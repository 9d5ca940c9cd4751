import type { ErrorRecord } from "../domain/errors.ts";
import type { ClaimOrder } from "./requests.ts";

/** Why a request ends that was claimed and cannot be read. */
export const UNREADABLE: ErrorRecord = { code: "INTERNAL", message: "The stored request cannot be read." };

/** A request in line, as a claim looks at it. */
export interface Candidate {
  readonly id: number;
  readonly device: string;
  readonly route_device: string;
  readonly writes: number;
  /** Another request of the device to connect to is running. */
  readonly busy: number;
  /** It writes, and it is another one's turn to write to one of its devices. */
  readonly blocked: number;
}

/** Candidates of one family and organisation, the most urgent first. */
export interface Line {
  readonly family: string;
  readonly organisation: string;
  readonly candidates: Candidate[];
}

/** How many more requests may be claimed, of a family and in all. */
export class Room {
  #left: number;
  readonly #perFamily: Map<string, number>;

  constructor({ limit, perFamily = {} }: ClaimOrder) {
    this.#left = limit;
    this.#perFamily = new Map(Object.entries(perFamily));
  }

  get left(): number {
    return this.#left;
  }

  isFor(family: string): boolean {
    return this.#left > 0 && (this.#perFamily.get(family) ?? this.#left) > 0;
  }

  take(family: string): void {
    this.#left -= 1;
    this.#perFamily.set(family, (this.#perFamily.get(family) ?? this.#left + 1) - 1);
  }
}

/**
 * Takes what may run from lines in turn, as far as there is room, and what stands behind one of its devices. What is put
 * aside may run as soon as the next look has shown what is more urgent for its device.
 * @param passed those that are passed over
 */
export function choose(
  lines: readonly Line[],
  room: Room,
  passed: ReadonlySet<number>,
): { run: Candidate[]; behind: Candidate[]; aside: Candidate[]; turns: Line[] } {
  const [run, behind]: [Candidate[], Candidate[]] = [[], []];
  const taken = new Set<string>();
  const written = new Set<string>();
  const turns = new Set<Line>();
  // What may run behind one that waits for its turn to write, more urgent ones perhaps parked behind it.
  const waits = new Set<string>();
  const aside: Candidate[] = [];
  const mayRun = ({ device, route_device: route, writes, busy, blocked }: Candidate) =>
    !busy && !blocked && !taken.has(route) && !(writes && (written.has(device) || written.has(route)));
  for (let waiting = [...lines]; waiting.length > 0; ) {
    waiting = waiting.filter((line) => room.isFor(line.family) && line.candidates.length > 0);
    for (const line of waiting) {
      if (!room.isFor(line.family)) continue;
      for (let next = line.candidates.shift(); next; next = line.candidates.shift()) {
        if (passed.has(next.id)) continue;
        if (!mayRun(next)) {
          behind.push(next);
          if (!next.busy && !taken.has(next.route_device)) waits.add(next.route_device);
          continue;
        }
        if (waits.has(next.route_device)) {
          aside.push(next);
          continue;
        }
        taken.add(next.route_device);
        if (next.writes) written.add(next.device).add(next.route_device);
        run.push(next);
        room.take(line.family);
        turns.delete(line);
        turns.add(line);
        break;
      }
    }
  }
  return { run, behind, aside, turns: [...turns] };
}
