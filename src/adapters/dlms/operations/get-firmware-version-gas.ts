import { asOctets } from "../../../dlms/data.ts";
import { MetergateError } from "../../../domain/errors.ts";
import { toHex } from "../../../lib/bytes.ts";
import { getFirmwareVersionGas } from "../../../operations/configuration/get-firmware-version-gas.ts";
import { mbusOf } from "../../../operations/mbus.ts";
import { execution } from "../execution.ts";
import { attributeOf, findObject, hasObject } from "../profiles/index.ts";

/** The version that a gas meter reports to the electricity meter in front of it. */
export const getFirmwareVersionGasExecution = execution(getFirmwareVersionGas, {
  missing: (profile) =>
    hasObject(profile, "SIMPLE_VERSION_INFO") ? undefined : "Simple Version Info not supported by protocol",
  async run({ meter, profile, target, records }) {
    const channel = target.gateway?.channel;
    if (channel === undefined) {
      const missing = mbusOf(target) ? "No gateway device found." : "No channel configured.";
      throw new MetergateError("VALIDATION_ERROR", `Retrieving firmware version for gas meter. ${missing}`);
    }
    const data = await meter.get(attributeOf(findObject(profile, "SIMPLE_VERSION_INFO", channel), 2));
    const version = { module: "SIMPLE_VERSION_INFO", version: toHex(asOctets(data, "simple version info")) } as const;
    records.learnFirmwareVersions(target.identification, [version]);
    return { version };
  },
});
