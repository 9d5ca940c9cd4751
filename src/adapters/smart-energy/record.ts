import type * as z from "zod";
import { familyRecord } from "../../domain/family.ts";
import { deviceIdentification, integer, record, text } from "../../domain/record-schema.ts";
import { parseDeviceId } from "../../smart-energy/device-id.ts";
import { parseMac } from "../../smart-energy/values.ts";
import { CLOUD_PASSWORD, PUSH_PASSWORD, type SmartEnergyDevice } from "./device.ts";

const LOOPBACK = /^http:\/\/(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?$/;

/** What the inventory keeps of a gateway, or of a meter behind one (docs/devices.md). */
export const SMART_ENERGY_RECORD = familyRecord(
  {
    cloud: text(/^https?:\/\/[0-9A-Za-z.:[\]_-]{1,255}$/, "an https:// address without a path").optional(),
    user: text(/^[\x20-\x39\x3b-\x7e]{1,64}$/, "1 to 64 printable ASCII characters without a colon").optional(),
    deviceId: text(
      /^([0-9a-fA-F]{8}-?){3}[0-9a-fA-F]{8}$/,
      "32 hexadecimal digits, in groups of 8 if wanted",
    ).optional(),
    gateway: record({ device: deviceIdentification }).optional(),
    address: text(/^([0-9a-fA-F]{2}:?){7}[0-9a-fA-F]{2}$/, "16 hexadecimal digits, in pairs if wanted").optional(),
    endpoint: integer(1, 240).optional(),
  },
  [
    {
      text: "must have either cloud, user and deviceId (a gateway), or gateway and address (a meter behind one)",
      holds: ({ cloud, user, deviceId, gateway, address, endpoint }) =>
        gateway === undefined
          ? [cloud, user, deviceId].every((each) => each !== undefined) &&
            address === undefined &&
            endpoint === undefined
          : [cloud, user, deviceId].every((each) => each === undefined) && address !== undefined,
    },
    {
      key: "cloud",
      text: "must be an https:// address: the account's password is sent there",
      holds: ({ cloud }) => cloud === undefined || cloud.startsWith("https://") || LOOPBACK.test(cloud),
    },
  ],
  ({ cloud, user, deviceId, gateway, address, endpoint }) => {
    const smartEnergy = gateway
      ? { address: parseMac(address!)!, ...(endpoint !== undefined && { endpoint }) }
      : { cloud: cloud!, user: user!, deviceId: parseDeviceId(deviceId!)! };
    return { device: { smartEnergy, gateway } satisfies Partial<SmartEnergyDevice> };
  },
);

const password = text(/^[\x20-\x7e]{1,128}$/, "1 to 128 printable ASCII characters").transform(
  (characters): Uint8Array => Buffer.from(characters, "ascii"),
);

export const SMART_ENERGY_SECRETS: Readonly<Record<string, z.ZodType<Uint8Array>>> = {
  [CLOUD_PASSWORD]: password,
  [PUSH_PASSWORD]: password,
};
