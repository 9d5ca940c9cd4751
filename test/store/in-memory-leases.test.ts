import { InMemoryLeases } from "./in-memory-leases.ts";
import { describeLeases } from "./leases-conformance.ts";

describeLeases("memory", async (clock) => ({ leases: new InMemoryLeases(clock), close: async () => {} }));
