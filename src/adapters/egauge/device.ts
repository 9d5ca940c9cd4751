import type { Device } from "../../domain/device.ts";

/** An eGauge meter as the inventory knows it. */
export interface EgaugeDevice extends Device {
  readonly egauge: {
    /** Name or address: of the meter itself, or its name at the maker's proxy. */
    readonly host: string;
    /** 1 … 65535 */
    readonly port: number;
    readonly useHttps: boolean;
    readonly user: string;
    /** Certificates that are believed, in PEM: of authorities, or the one that the meter made itself. */
    readonly authorities?: string | undefined;
    /** The name that its certificate is for, where it is not the host. */
    readonly serverName?: string | undefined;
    /** Registers that count what comes from the grid and what goes there. */
    readonly importRegister?: string | undefined;
    readonly exportRegister?: string | undefined;
  };
}

/** The record of a device of this family has these fields: what the family's schema lets into the inventory. */
export function asEgaugeDevice(device: Device): EgaugeDevice {
  return device as EgaugeDevice;
}

/** Kind of the secret that a meter's user has. */
export const PASSWORD = "EGAUGE_PASSWORD";
