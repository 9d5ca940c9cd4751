import type { CosemObject } from "../cosem-object.ts";
import { writable } from "../cosem-object.ts";
import { logEvent } from "../events.ts";
import { doubleLongUnsigned } from "../values.ts";
import { dataObject } from "./simple-objects.ts";

/**
 * An alarm register: bits stay set until a client writes another value, usually 0.
 * Bit 0 is the least significant.
 */
export function alarmRegister(logicalName: string): CosemObject {
  return dataObject(
    logicalName,
    writable("double-long-unsigned", doubleLongUnsigned(0), {
      changed: (meter, value) => {
        if (value.type === "double-long-unsigned" && value.value === 0) {
          logEvent(meter, "standard", "ALARM_REGISTER_CLEARED");
        }
      },
    }),
  );
}

/** An alarm filter: which alarms are pushed. */
export function alarmFilter(logicalName: string): CosemObject {
  return dataObject(logicalName, writable("double-long-unsigned", doubleLongUnsigned(0)));
}
