import { MetergateError } from "../../../domain/errors.ts";
import { addDevice, type NewDevice } from "../../../operations/installation/add-device.ts";
import type { ContractSecretType } from "../../../operations/secret-types.ts";
import { execution } from "../execution.ts";

const OF_ELECTRICITY_METERS = [
  "E_METER_MASTER_KEY",
  "E_METER_AUTHENTICATION_KEY",
  "E_METER_ENCRYPTION_KEY_UNICAST",
] as const satisfies readonly ContractSecretType[];
const OF_MBUS_DEVICES = [
  "G_METER_MASTER_KEY",
  "G_METER_ENCRYPTION_KEY",
  "G_METER_FIRMWARE_UPDATE_AUTHENTICATION_KEY",
  "G_METER_OPTICAL_PORT_KEY",
] as const satisfies readonly ContractSecretType[];

/** The keys that a device of its type must come with. @throws MetergateError KEY_NOT_PRESENT */
function keysOf({ type, keys }: NewDevice) {
  return (type === "SMART_METER_E" ? OF_ELECTRICITY_METERS : OF_MBUS_DEVICES).map((name) => {
    const sealed = keys[name];
    if (sealed !== undefined) return { type: name, sealed };
    throw new MetergateError("KEY_NOT_PRESENT", `A ${type} is added with ${name}, which the request does not have`);
  });
}

/** The device and its keys become known together, or not at all. */
export const addDeviceExecution = execution(
  addDevice,
  async ({ newDevices, platformKeys, target, caller, correlationUid }, described) => {
    const secrets = keysOf(described).map(({ type, sealed }) => ({ type, value: platformKeys.openKey(sealed) }));
    const { identification } = target;
    const { organisation } = caller;
    await newDevices.add({ identification, described, secrets, organisation, correlationUid });
    return {};
  },
);
