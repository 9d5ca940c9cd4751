import { MetergateError } from "../../domain/errors.ts";
import { fromHex } from "../../lib/bytes.ts";
import type { ConfigurationObject } from "../../operations/configuration-object.ts";
import type { OperationResult } from "../../operations/registry.ts";
import type { smConfiguration as wire } from "../generated/index.ts";
import { printable } from "./values.ts";

/** The schema's maxOccurs of ConfigurationFlag. */
const MOST_FLAGS = 10;

/**
 * A configuration object as the schema has it. SMR 4.3 meters have eleven flags where the schema allows ten: flags
 * that are off are left out then, the highest bit first, because an absent flag says less than a wrong one.
 * @throws MetergateError INTERNAL when more than ten flags are on, naming them.
 */
export function fromConfigurationObject({ gprsOperationMode, flags }: ConfigurationObject): wire.ConfigurationObject {
  const kept = [...flags];
  while (kept.length > MOST_FLAGS) {
    const off = kept.findLastIndex(({ enabled }) => !enabled);
    if (off < 0) {
      const names = kept.map(({ flag }) => flag).join(", ");
      throw new MetergateError(
        "INTERNAL",
        `The response has room for ${MOST_FLAGS} flags and the meter has on: ${names}`,
      );
    }
    kept.splice(off, 1);
  }
  return {
    ...(gprsOperationMode && { GprsOperationMode: gprsOperationMode }),
    ...(kept.length > 0 && {
      ConfigurationFlags: {
        ConfigurationFlag: kept.map(({ flag, enabled }) => ({ ConfigurationFlagType: flag, Enabled: enabled })),
      },
    }),
  };
}

/** The one success that has a text. A result that an earlier version stored has neither device nor name. */
export function fromActivityCalendar({ device, calendarName }: Partial<OperationResult<"SetActivityCalendar">>) {
  const of = device === undefined ? "" : ` for device id: ${device} calendar name: ${calendarName}`;
  return { Result: "OK", Description: printable(`Set Activity Calendar Result is OK${of}`) } as const;
}

/** @throws MetergateError ILLEGAL_RESPONSE when the meter named no version: the schema demands one. */
export function fromFirmwareVersions({ versions }: OperationResult<"GetFirmwareVersion">): wire.FirmwareVersion[] {
  const known = versions.flatMap(({ module, version }) =>
    module === "SIMPLE_VERSION_INFO" ? [] : [{ Version: printable(version), FirmwareModuleType: module }],
  );
  if (known.length === 0) throw new MetergateError("ILLEGAL_RESPONSE", "The meter named no firmware version");
  return known;
}

/** The gas meter's version is hexadecimal digits already. */
export function fromGasFirmwareVersion({ version }: OperationResult<"GetFirmwareVersionGas">): wire.FirmwareVersionGas {
  return { Version: fromHex(version.version), FirmwareModuleType: "SIMPLE_VERSION_INFO" };
}

/** A key that the vault does not have is an entry with an empty value: the schema has no nil there. */
export function fromKeys({ keys }: OperationResult<"GetKeys">): wire.GetKeysResponseData[] {
  return keys.map(({ secretType, sealed }) =>
    sealed === null
      ? { Result: "NOT FOUND", secretType, secretValue: new Uint8Array() }
      : { Result: "OK", secretType, secretValue: fromHex(sealed) },
  );
}
