import * as z from "zod";
import { HIGHEST_INVOCATION_COUNTER } from "../../devices/invocation-counters.ts";
import { familyRecord } from "../../domain/family.ts";
import { deviceIdentification, flag, integer, record, text } from "../../domain/record-schema.ts";
import { fromHex } from "../../lib/bytes.ts";
import { COMMUNICATION_METHODS, type DlmsDevice, type DlmsSecretType, PUSH_SECURITIES } from "./device.ts";

/** Both parts of an HDLC server address have 14 bits (IEC 62056-46). */
export const LARGEST_HDLC_PART = 0x3fff;

/** What the inventory keeps of a DLMS meter, or of an M-Bus device behind one (docs/devices.md). */
export const DLMS_RECORD = familyRecord(
  {
    host: text(/^[0-9A-Za-z.:_-]{1,255}$/, "a host name or IP address").optional(),
    awaitsHost: flag,
    ipAddressIsStatic: z.boolean("must be true or false").optional(),
    port: integer(1, 65_535).default(4059),
    logicalDevice: integer(1, 65_535).default(1),
    physicalDevice: integer(0, LARGEST_HDLC_PART).optional(),
    useHdlc: flag,
    useSn: flag,
    hls5Active: flag,
    hls4Active: flag,
    hls3Active: flag,
    lls1Active: flag,
    challengeLength: integer(8, 64).default(16),
    withListMax: integer(1, 255).default(1),
    selectiveAccessSupported: flag,
    polyphase: flag,
    communicationMethod: z
      .enum(COMMUNICATION_METHODS, `must be one of: ${COMMUNICATION_METHODS.join(", ")}`)
      .optional(),
    communicationProvider: text(/^[a-zA-Z0-9 ]{1,10}$/, "1 to 10 letters, digits or spaces").optional(),
    iccId: text(/^[a-zA-Z0-9 ]{1,20}$/, "1 to 20 letters, digits or spaces").optional(),
    gateway: record({ device: deviceIdentification, channel: integer(1, 4) }).optional(),
    mbus: record({
      identificationNumber: text(/^\d{8}$/, "8 digits"),
      manufacturerIdentification: text(/^[A-Z]{3}$/, "3 capital letters"),
      version: integer(0, 255),
      deviceType: integer(0, 255),
    }).optional(),
    invocationCounter: integer(0, HIGHEST_INVOCATION_COUNTER).optional(),
    systemTitle: text(/^[0-9a-fA-F]{16}$/, "16 hexadecimal digits (8 octets)")
      .transform((digits) => digits.toUpperCase())
      .optional(),
    pushSecurity: z.enum(PUSH_SECURITIES, `must be one of: ${PUSH_SECURITIES.join(", ")}`).optional(),
  },
  [
    {
      text: "must have either host (a meter that is reached itself), or gateway or mbus (a meter behind another)",
      holds: ({ host, awaitsHost, gateway, mbus }) =>
        (host === undefined && !awaitsHost) !== (gateway === undefined && mbus === undefined),
    },
    {
      key: "awaitsHost",
      text: "is for a meter whose address is not known yet: only without host",
      holds: ({ host, awaitsHost }) => host === undefined || !awaitsHost,
    },
    {
      key: "systemTitle",
      text: "is what a meter calls itself that is reached itself: only with host",
      holds: ({ host, awaitsHost, systemTitle }) => host !== undefined || awaitsHost || systemTitle === undefined,
    },
    {
      key: "pushSecurity",
      text: "needs systemTitle, by which a ciphered push is known",
      holds: ({ pushSecurity, systemTitle }) => pushSecurity === undefined || systemTitle !== undefined,
    },
    // What a transport cannot say is refused here, and not at the first connection.
    {
      key: "logicalDevice",
      text: `must be a whole number from 1 to ${LARGEST_HDLC_PART} with useHdlc`,
      holds: ({ useHdlc, logicalDevice }) => !useHdlc || logicalDevice <= LARGEST_HDLC_PART,
    },
    {
      key: "physicalDevice",
      text: "is part of an HDLC address: only with useHdlc",
      holds: ({ useHdlc, physicalDevice }) => useHdlc || physicalDevice === undefined,
    },
  ],
  (entry) => {
    const { host, awaitsHost, ipAddressIsStatic, communicationProvider, iccId } = entry;
    const { port, logicalDevice, physicalDevice, useHdlc, useSn, gateway, mbus, invocationCounter } = entry;
    const { systemTitle, pushSecurity } = entry;
    const { hls5Active, hls4Active, hls3Active, lls1Active } = entry;
    const { challengeLength, withListMax, selectiveAccessSupported, polyphase, communicationMethod } = entry;
    const abilities = { challengeLength, withListMax, selectiveAccessSupported, ...(polyphase && { polyphase }) };
    const physical = physicalDevice === undefined ? {} : { physicalDevice };
    const reached = {
      ...(host !== undefined && { host }),
      ...(ipAddressIsStatic !== undefined && { ipAddressIsStatic }),
    };
    const address = { port, logicalDevice, ...physical, useHdlc, useSn };
    const security = { hls5Active, hls4Active, hls3Active, lls1Active };
    const isReached = host !== undefined || awaitsHost;
    const dlms = isReached ? { ...reached, ...address, ...abilities } : undefined;
    const pushes = { ...(systemTitle && { systemTitle }), ...(pushSecurity && { pushSecurity }) };
    const sim = { ...(communicationProvider && { communicationProvider }), ...(iccId && { iccId }) };
    const modem = { ...(communicationMethod && { communicationMethod }), ...sim };
    const device = { security, dlms, gateway, mbus, ...modem, ...pushes } satisfies Partial<DlmsDevice>;
    return { device, invocationCounter };
  },
);

const key = text(/^[0-9a-fA-F]{32}$/, "32 hexadecimal digits (16 octets)").transform(fromHex);
const password = text(/^[\x20-\x7e]{1,64}$/, "1 to 64 printable ASCII characters").transform(
  (characters): Uint8Array => Buffer.from(characters, "ascii"),
);

export const DLMS_SECRETS = {
  E_METER_MASTER_KEY: key,
  E_METER_AUTHENTICATION_KEY: key,
  E_METER_ENCRYPTION_KEY_UNICAST: key,
  E_METER_ENCRYPTION_KEY_BROADCAST: key,
  G_METER_MASTER_KEY: key,
  G_METER_ENCRYPTION_KEY: key,
  G_METER_FIRMWARE_UPDATE_AUTHENTICATION_KEY: key,
  G_METER_OPTICAL_PORT_KEY: key,
  PPP_PASSWORD: password,
  LLS_PASSWORD: password,
} satisfies Record<DlmsSecretType, z.ZodType<Uint8Array>>;
