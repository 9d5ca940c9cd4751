import * as z from "zod";
import type { Device } from "../../domain/device.ts";
import { type Family, familyRecord } from "../../domain/family.ts";
import { integer, text } from "../../domain/record-schema.ts";
import { setting, type ValuesOf, integer as whole } from "../../domain/settings.ts";
import { OPERATIONS } from "../../operations/index.ts";
import type { Operation } from "../../operations/operation.ts";
import { HttpClient } from "../../transport/http-client.ts";
import { EgaugeAdapter, type EgaugeAdapterParts } from "./adapter.ts";
import { asEgaugeDevice, PASSWORD } from "./device.ts";
import { EXECUTIONS } from "./operations/index.ts";

const SETTINGS = {
  egaugeTimeoutMs: setting(whole(100, 600_000), 20_000, "How long to wait for an answer of an eGauge meter.", {
    unit: "ms",
  }),
  egaugePollMs: setting(
    whole(10, 10_000),
    1_000,
    "How long after a command that takes its time an eGauge meter is first asked about it.",
    {
      unit: "ms",
    },
  ),
} as const;

/** A year of quarter-hours of some registers, or the log of a test. */
const MOST_OCTETS = 4 * 1024 * 1024;
const KEEP_ALIVE_MS = 4_000;

/** What the service gives. */
export interface EgaugeParts
  extends Pick<EgaugeAdapterParts, "vault" | "platformKeys" | "messages" | "clock" | "random"> {
  readonly inventory: EgaugeAdapterParts["records"];
  readonly config: ValuesOf<typeof SETTINGS>;
}

const host = text(/^[0-9A-Za-z.:_-]{1,255}$/, "a host name or IP address");
const registerName = text(/^.{1,128}$/u, "1 to 128 characters").optional();

const RECORD = familyRecord(
  {
    host,
    port: integer(1, 65_535).optional(),
    useHttps: z.boolean("must be true or false").default(true),
    user: text(/^[!-~]{1,64}$/, "1 to 64 characters without spaces").default("owner"),
    authorities: text(/^-----BEGIN CERTIFICATE-----[\s\S]{1,65536}$/, "certificates in PEM").optional(),
    serverName: host.optional(),
    importRegister: registerName,
    exportRegister: registerName,
  },
  [
    {
      key: "authorities",
      text: "is for HTTPS: only with useHttps",
      holds: ({ useHttps, authorities }) => useHttps || authorities === undefined,
    },
  ],
  ({ port, ...address }) => ({ device: { egauge: { ...address, port: port ?? (address.useHttps ? 443 : 80) } } }),
);

/** eGauge meters with the JSON interface of their later firmware. */
export const EGAUGE = {
  name: "egauge",
  title: "eGauge",
  protocols: { EGAUGE: ["WebAPI"] },
  record: RECORD,
  secrets: {
    [PASSWORD]: text(/^[\x20-\x7e]{1,128}$/, "1 to 128 printable ASCII characters").transform(
      (characters): Uint8Array => Buffer.from(characters, "ascii"),
    ),
  },
  settings: SETTINGS,
  reachedAt(device: Device) {
    const { host, port, useHttps } = asEgaugeDevice(device).egauge;
    return `${useHttps ? "https" : "http"}://${host}:${port}`;
  },
  securedBy: (device: Device) => (asEgaugeDevice(device).egauge.useHttps ? "TLS" : "none"),
  explain: (message: Uint8Array) => ({ text: Buffer.from(message).toString(), isValid: true }),
  support: () => ({
    versions: ["EGAUGE WebAPI"],
    rows: Object.values<Operation>(OPERATIONS)
      .filter(({ name, runsOn }) => runsOn === "platform" || EXECUTIONS.has(name))
      .map(({ name }) => ({ operation: name, supported: [true] })),
  }),
  vocabulary: {
    "/cmd/activate": "ActivateService",
    "/cmd/cancel": "CancelCommand",
    "/cmd/clear": "ClearData",
    "/cmd/db": "MaintainDatabase",
    "/cmd/factory-restore": "FactoryRestore",
    "/cmd/homeplug": "SetHomeplugPassword",
    "/cmd/reboot": "Reboot",
    "/cmd/set-time": "SetMeterTime",
    "/cmd/test-email": "TestEmail",
    "/cmd/test-remote": "TestRemote",
    "/cmd/update": "UpdateSoftware",
    "/cmd/wlan": "ConfigureWlan",
    "/register: registers, ranges and rows": "ReadRegisters",
    "/sys/status: the status of a command": "TestEmail",
    "/sys/version": "GetFirmwareVersion",
    "/sys/time": "SynchronizeTime",
    "/config/user: a user's hash": "GenerateAndReplaceKeys",
    "/config/time/zone": "SetClockConfiguration",
    "/log/alert": "FindEvents",
    "/log/alert: alerts that nobody acknowledged": "ReadAlarmRegister",
    "/log/alert: ack": "ClearAlarmRegister",
    "/register: rates": "ActualPowerQuality",
  },
  open: ({ config, inventory, ...parts }: EgaugeParts) =>
    new EgaugeAdapter({
      ...parts,
      http: new HttpClient({ clock: parts.clock, mostOctets: MOST_OCTETS, keepAliveMs: KEEP_ALIVE_MS }),
      records: {
        setTimezone: (device, timezone) => inventory.setTimezone(device, timezone),
        setFirmwareVersions: (device, versions) => inventory.setFirmwareVersions(device, versions),
      },
      timeoutMs: config.egaugeTimeoutMs,
      pollMs: config.egaugePollMs,
    }),
  tasks: () => [],
} satisfies Family<EgaugeParts>;
