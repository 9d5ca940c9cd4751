import { MetergateError } from "../../../domain/errors.ts";
import { decoupleMbusDeviceAdministrative } from "../../../operations/installation/decouple-mbus-device-administrative.ts";
import { mbusOf } from "../../../operations/mbus.ts";
import { execution } from "../execution.ts";

/** For an M-Bus device whose electricity meter is gone or out of reach: nothing is asked of either. */
export const decoupleMbusDeviceAdministrativeExecution = execution(
  decoupleMbusDeviceAdministrative,
  async ({ records, target, correlationUid }) => {
    if (!mbusOf(target)) throw new MetergateError("VALIDATION_ERROR", `${target.identification} is no M-Bus device`);
    if (target.gateway) await records.couple(target.identification, undefined, correlationUid);
    return {};
  },
);
