import type * as z from "zod";
import { familyRecord } from "../../domain/family.ts";
import { deviceIdentification, record, text } from "../../domain/record-schema.ts";
import { ACCESSES, type EkmSecretType, STREAMS } from "./device.ts";

const USUAL_URL = "https://api.ekmpush.com";
const USUAL_SUMMARY_URL = "https://summary.ekmmetering.com";

function oneOf(values: readonly string[]) {
  return text(new RegExp(`^(${values.join("|")})$`), `one of: ${values.join(", ")}`);
}

/** HTTP in clear is for simulators on this machine alone: keys go over it. */
function isSafe(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, pathname, search, username } = new URL(url);
  if (pathname !== "/" || search !== "" || username !== "") return false;
  return protocol === "https:" || (protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(hostname));
}

/** What the inventory keeps of a Push3 gateway, or of a meter behind one (docs/devices.md). */
export const EKM_RECORD = familyRecord(
  {
    url: text(/^https?:\/\/[^\s]{1,250}$/, "an address that begins with https://").optional(),
    summaryUrl: text(/^https?:\/\/[^\s]{1,250}$/, "an address that begins with https://").optional(),
    responseHost: text(/^[0-9A-Za-z.:-]{1,255}$/, "a host name").optional(),
    mac: text(/^[0-9A-Fa-f]{12}$/, "12 hexadecimal digits").optional(),
    access: oneOf(ACCESSES).optional(),
    stream: oneOf(STREAMS).optional(),
    meterAddress: text(/^\d{12}$/, "12 digits").optional(),
    gateway: record({ device: deviceIdentification }).optional(),
  },
  [
    {
      text: "must have meterAddress and gateway (a meter), or neither (a gateway)",
      holds: ({ meterAddress, gateway }) => (meterAddress === undefined) === (gateway === undefined),
    },
    {
      key: "protocol",
      text: "must be EKM with meterAddress, and PUSH3 without",
      holds: (entry) => {
        const { name } = (entry as unknown as { protocol: { name: string } }).protocol;
        return name === (entry.meterAddress === undefined ? "PUSH3" : "EKM");
      },
    },
    {
      text: "url, summaryUrl, responseHost, mac, access and stream are the gateway's",
      holds: ({ meterAddress, url, summaryUrl, responseHost, mac, access, stream }) =>
        meterAddress === undefined ||
        [url, summaryUrl, responseHost, mac, access, stream].every((each) => each === undefined),
    },
    ...(["url", "summaryUrl"] as const).map((key) => ({
      key,
      text: "must be https:// and a host alone, or http:// on this machine",
      holds: (entry: { readonly url?: string | undefined; readonly summaryUrl?: string | undefined }) =>
        entry[key] === undefined || isSafe(entry[key]),
    })),
    {
      key: "mac",
      text: "is needed with the access account-key",
      holds: ({ access, mac }) => access !== "account-key" || mac !== undefined,
    },
  ],
  ({ url = USUAL_URL, summaryUrl = USUAL_SUMMARY_URL, access = "key", stream = "http", ...others }) => {
    const { responseHost, mac, meterAddress, gateway } = others;
    if (meterAddress !== undefined) return { device: { gateway, ekm: { meterAddress } } };
    return { device: { ekm: { url, summaryUrl, responseHost, mac, access, stream } } };
  },
);

const characters = (octets: string): Uint8Array => Buffer.from(octets, "ascii");
const key = text(/^[\x21-\x7e]{1,256}$/, "1 to 256 printable ASCII characters").transform(characters);

export const EKM_SECRETS = {
  EKM_KEY: key,
  EKM_API_TOKEN: text(/^[\x21-\x7e]{1,2000}$/, "1 to 2000 printable ASCII characters").transform(characters),
  EKM_METER_PASSWORD: text(/^\d{8}$/, "8 digits").transform(characters),
} satisfies Record<EkmSecretType, z.ZodType<Uint8Array>>;
