import { MetergateError } from "../../domain/errors.ts";
import type { NewDevice } from "../../operations/installation/add-device.ts";
import { COMMUNICATION_METHODS, type DlmsDevice } from "./device.ts";

/** Media of EN 13757-7, for callers who say the type of a device alone. */
const MEDIUM = { SMART_METER_G: 3, SMART_METER_W: 7 } as const;

/** The M-Bus identity, without which nobody finds the device on a bus. @throws MetergateError VALIDATION_ERROR */
function mbusOf(type: keyof typeof MEDIUM, { mbus = {} }: NewDevice) {
  const { identificationNumber, manufacturerIdentification, version, deviceType = MEDIUM[type] } = mbus;
  if (identificationNumber === undefined || manufacturerIdentification === undefined || version === undefined) {
    const names = "Mbus_identification_number, Mbus_manufacturer_identification and Mbus_version";
    throw new MetergateError("VALIDATION_ERROR", `A ${type} is added with ${names}`);
  }
  return { identificationNumber, manufacturerIdentification, version, deviceType };
}

/** What a request for AddDevice says, as a record has it. What it cannot say of a device that is known stays. */
export function toRecord(described: NewDevice, known: DlmsDevice | undefined): Readonly<Record<string, unknown>> {
  const { type, lls1Active, hls3Active, hls4Active, hls5Active } = described;
  const security = { lls1Active, hls3Active, hls4Active, hls5Active };
  if (type !== "SMART_METER_E") {
    const { device, channel } = known?.gateway ?? {};
    return { ...security, mbus: mbusOf(type, described), gateway: device && { device, channel } };
  }
  const { communicationMethod, communicationProvider, iccId, withListMax } = described;
  const { port, polyphase, ipAddressIsStatic, selectiveAccessSupported, challengeLength } = described;
  const { host, logicalDevice, physicalDevice, useHdlc, useSn } = known?.dlms ?? {};
  const network = COMMUNICATION_METHODS.find((one) => one === communicationMethod);
  return {
    ...{ host, awaitsHost: host === undefined, port, logicalDevice, physicalDevice, useHdlc, useSn },
    ...security,
    ...{
      challengeLength,
      withListMax: withListMax === undefined ? withListMax : Math.max(1, withListMax),
      selectiveAccessSupported,
      polyphase,
    },
    ...{ ipAddressIsStatic, communicationMethod: network, communicationProvider, iccId },
    ...{ systemTitle: known?.systemTitle, pushSecurity: known?.pushSecurity },
  };
}
