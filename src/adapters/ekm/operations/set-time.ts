import { setTime } from "../../../operations/ekm/set-time.ts";
import { execution } from "../execution.ts";
import { setClock } from "./clock.ts";

export const setTimeExecution = execution(setTime, { run: ({ meter }, { localTime }) => setClock(meter, localTime) });
