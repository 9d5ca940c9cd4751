import { type Answer, refusal, result } from "./answer.ts";
import type { MeterState } from "./state.ts";

/** A long operation, as whoever has its token sees it. */
export interface Operation {
  readonly kind: string;
  /** Seconds of the simulation. */
  readonly began: number;
  readonly lasts: number;
  /** Names of its phases, which take the same time each. */
  readonly phases: readonly string[];
  /** What it has found so far; the share is that of the time. */
  readonly result: (share: number) => object | undefined;
  /** Done when it ends well. */
  readonly finish: () => void;
  /** Why it fails, when its time has come. */
  readonly failure?: { readonly error: string; readonly args: readonly string[] } | undefined;
  isOver: boolean;
  isCancelled: boolean;
}

/** The long operations of a meter since its boot. */
export class Operations {
  readonly #state: MeterState;
  readonly #all = new Map<string, Operation>();
  #boots: number;
  /** A finished one is not known any more. */
  evaporate = false;
  /** How many times as long everything takes. */
  slowness = 1;
  /** What all of them fail with. */
  failWith: string | undefined;

  constructor(state: MeterState) {
    this.#state = state;
    this.#boots = state.boots;
  }

  begin(
    kind: string,
    lasts: number,
    {
      phases = [],
      result: found = () => undefined,
      finish = () => {},
      failure,
    }: Partial<Pick<Operation, "phases" | "result" | "finish" | "failure">>,
  ): Answer {
    this.#forgetAfterBoot();
    const token = Buffer.from(this.#state.random.bytes(16)).toString("hex");
    const failed = this.failWith === undefined ? failure : { error: this.failWith, args: [] };
    this.#all.set(token, {
      ...{ kind, phases, result: found, finish, failure: failed, began: this.#state.age },
      ...{ lasts: lasts * this.slowness, isOver: false, isCancelled: false },
    });
    return { status: 200, body: { token } };
  }

  #forgetAfterBoot(): void {
    if (this.#boots === this.#state.boots) return;
    this.#boots = this.#state.boots;
    this.#all.clear();
  }

  /** Lets time have its effect. */
  settle(): void {
    for (const operation of this.#all.values()) {
      if (operation.isOver || operation.isCancelled) continue;
      if (this.#state.age - operation.began < operation.lasts) continue;
      operation.isOver = true;
      if (!operation.failure) operation.finish();
    }
  }

  get running(): readonly string[] {
    this.settle();
    return [...this.#all.values()].filter((each) => !each.isOver && !each.isCancelled).map(({ kind }) => kind);
  }

  cancel(token: unknown): Answer {
    if (typeof token !== "string" || token.length < 32) return refusal("Invalid token.");
    this.#forgetAfterBoot();
    this.settle();
    const operation = this.#all.get(token);
    if (!operation) return refusal("No such operation.");
    if (!operation.isOver) operation.isCancelled = true;
    return { status: 200, body: { status: "OK" } };
  }

  /** @param path behind `/sys/status` */
  status(path: string): Answer {
    this.#forgetAfterBoot();
    this.settle();
    const [, token, member, index] = path.split("/");
    // Nobody learns of tokens here, on purpose.
    if (!token) return result({});
    const operation = this.#all.get(token);
    if (!operation || (this.evaporate && operation.isOver)) return refusal("No such operation.");
    const share = operation.lasts === 0 ? 1 : Math.min(1, (this.#state.age - operation.began) / operation.lasts);
    const { phases, failure, isOver, isCancelled } = operation;
    const isDone = isOver || isCancelled;
    const phase = phases[Math.min(phases.length - 1, Math.floor(share * phases.length))];
    const error = isCancelled ? "CANCELLED" : isOver ? failure?.error : undefined;
    const found = operation.result(share);
    const status: Record<string, unknown> = {
      done: isDone,
      ...(error !== undefined && { error }),
      ...(isOver && failure && { args: failure.args }),
      ...(phase !== undefined && !isDone && { info: phase }),
      progress: share,
      ...(found && { result: found }),
      ts: this.#state.stamp,
    };
    const value = member ? status[member] : status;
    return result(index === undefined ? value : (value as unknown[] | undefined)?.[Number(index)]);
  }
}
