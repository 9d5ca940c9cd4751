import { describeEveryOperation } from "./matrix-operations.ts";

describeEveryOperation("every operation on a meter of every version", (row) => [...row.keys()]);
