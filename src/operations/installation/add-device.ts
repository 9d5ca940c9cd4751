import type { Hex } from "../../lib/bytes.ts";
import { refuse } from "../checks.ts";
import { defineOperation, type Nothing } from "../operation.ts";
import { requireSealed } from "../sealed-key.ts";
import type { ContractSecretType } from "../secret-types.ts";

/** Electricity, gas and water. */
export const DEVICE_TYPES = ["SMART_METER_E", "SMART_METER_G", "SMART_METER_W"] as const;
export type DeviceType = (typeof DEVICE_TYPES)[number];

/** What a caller says of a device that we are to know; what is absent was not said. */
export interface NewDevice {
  readonly type: DeviceType;
  /** A variant that is not known is as good as none. */
  readonly protocol: { readonly name: string; readonly version: string };
  /** IANA name. */
  readonly timezone?: string | undefined;
  readonly model?: string | undefined;
  readonly communicationMethod?: string | undefined;
  readonly communicationProvider?: string | undefined;
  /** Identity of the SIM card. */
  readonly iccId?: string | undefined;
  readonly lls1Active?: boolean | undefined;
  readonly hls3Active?: boolean | undefined;
  readonly hls4Active?: boolean | undefined;
  readonly hls5Active?: boolean | undefined;
  /** What an M-Bus device calls itself on the bus. */
  readonly mbus?: {
    readonly identificationNumber?: string | undefined;
    readonly manufacturerIdentification?: string | undefined;
    readonly version?: number | undefined;
    readonly deviceType?: number | undefined;
  };
  readonly polyphase?: boolean | undefined;
  readonly ipAddressIsStatic?: boolean | undefined;
  /** Most attributes in one request; 0 and 1 both mean single requests. */
  readonly withListMax?: number | undefined;
  readonly selectiveAccessSupported?: boolean | undefined;
  /** Octets of our challenge. */
  readonly challengeLength: number;
  readonly port?: number | undefined;
  /** Keys as they came: RSA-OAEP ciphertext, never in clear. */
  readonly keys: { readonly [type in ContractSecretType]?: Hex | undefined };
  /** Whether the device may be known already, and what is known of it is replaced. */
  readonly overwrite: boolean;
}

export const addDevice = defineOperation<NewDevice, Nothing>({
  name: "AddDevice",
  runsOn: "platform",
  addressedTo: [],
  group: "INSTALLATION",
  effect: "writes",
  notification: "ADD_METER",
  failure: "fault",
  check({ type, keys }) {
    if (!DEVICE_TYPES.includes(type)) refuse(`Device_type must be one of ${DEVICE_TYPES.join(", ")}, not ${type}`);
    const given = Object.entries(keys);
    const foreign = given.filter(([name]) => name.startsWith("E_METER") !== (type === "SMART_METER_E"));
    if (foreign.length > 0) {
      refuse(
        `A ${type} has no ${foreign.map(([name]) => name).join(", ")}: keys of electricity and M-Bus meters are mixed`,
      );
    }
    for (const [name, key] of given) requireSealed(name, key);
  },
});
