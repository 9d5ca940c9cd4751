import { getSchedules } from "../../../operations/ekm/get-schedules.ts";
import { execution } from "../execution.ts";
import { readTables } from "./tables.ts";

export const getSchedulesExecution = execution(getSchedules, { run: ({ meter }) => readTables(meter) });
