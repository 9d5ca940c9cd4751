import type { AdapterRun } from "../../src/domain/adapter.ts";

/** The first attempt at a run that nobody aborts or looks at: what an adapter tells and asks beside its answers. */
export function quietRun() {
  return {
    attempt: 1,
    signal: new AbortController().signal,
    note: async () => {},
    noted: async () => undefined,
    notedBy: async () => undefined,
    progress: () => {},
    heard: () => {},
  } satisfies Partial<AdapterRun>;
}
