import { MetergateError } from "../../../domain/errors.ts";
import { updateProtocol } from "../../../operations/management/update-protocol.ts";
import { execution } from "../execution.ts";

/** Changes the record alone: what the meter speaks is the meter's own affair. */
export const updateProtocolExecution = execution(
  updateProtocol,
  async ({ records, protocolsOf, target }, { name, version, variant }) => {
    const known = protocolsOf(target.family);
    if (variant !== undefined || !known[name]?.includes(version)) {
      const asked = [name, version, variant].filter((part) => part !== undefined).join(" ");
      const all = Object.entries(known).flatMap(([each, versions]) => versions.map((one) => `${each} ${one}`));
      const text = `There is no protocol ${asked}; there are: ${all.join(", ")}`;
      throw new MetergateError("UNKNOWN_PROTOCOL_NAME_OR_VERSION_OR_VARIANT", text);
    }
    await records.change(target.identification, (device) => ({ ...device, protocol: { name, version } }));
    return {};
  },
);
