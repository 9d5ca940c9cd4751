import { readFileSync } from "node:fs";
import { join } from "node:path";
import { WIRE_FORMS } from "../../../src/contract/operations/index.ts";
import { importDevices } from "../../../src/devices/import.ts";
import { sealKey } from "../../../src/devices/platform-keys.ts";
import { FAMILIES } from "../../../src/families.ts";
import { type Clock, systemClock } from "../../../src/lib/clock.ts";
import { systemRandom } from "../../../src/lib/random.ts";
import { SimulatedEgauge } from "../../../src/simulators/egauge/meter.ts";
import { serveMeter } from "../../../src/simulators/egauge/server.ts";
import { FACTORY_PASSWORD, type Pace } from "../../../src/simulators/egauge/state.ts";
import type { OpenPort } from "../../../src/transport/open-port.ts";
import { startWorld, type World } from "../../e2e/harness.ts";
import { DECLARATIONS } from "../../operations/services.ts";

export const METER = "EGAUGE0000000001";

/** The record of a simulated meter on a port of this machine. */
export function recordOf({ identification }: SimulatedEgauge, port: number): object {
  return {
    ...{ identification, family: "egauge", protocol: { name: "EGAUGE", version: "WebAPI" } },
    ...{ host: "127.0.0.1", port, useHttps: false, timezone: "Europe/Amsterdam" },
    ...{ importRegister: "Grid+", exportRegister: "Grid-", keys: { EGAUGE_PASSWORD: FACTORY_PASSWORD } },
  };
}

/** The whole service with eGauge meters. */
export interface EgaugeWorld extends World {
  readonly meters: readonly SimulatedEgauge[];
  /** The first of them. */
  readonly egauge: SimulatedEgauge;
  /** Seals a secret for the platform. */
  seal(secret: string): string;
  stopService(): Promise<void>;
}

export const QUICK: Partial<Pace> = { rebootDelay: 0.05, down: 0.2, install: 0.3, operation: 0.1 };

const SOAP = "http://schemas.xmlsoap.org/soap/envelope/";
const HEADERS = ["OrganisationIdentification", "UserName", "ApplicationName"]
  .map((name) => `<common:${name}>test-org</common:${name}>`)
  .join("");

/** A request of an operation with this content after the device; `$` stands for the service's prefix. */
export function document(operation: string, content = "", device = METER): Uint8Array<ArrayBuffer> {
  const [prefix, element] = WIRE_FORMS.get(operation)!.requestElement!.split(":");
  const inside = `<$:DeviceIdentification>${device}</$:DeviceIdentification>${content}`.replaceAll("$", prefix!);
  const body = `<${prefix}:${element}>${inside}</${prefix}:${element}>`;
  const text = `<E:Envelope xmlns:E="${SOAP}" ${DECLARATIONS}><E:Header>${HEADERS}</E:Header><E:Body>${body}</E:Body></E:Envelope>`;
  return new Uint8Array(Buffer.from(text));
}

export async function startEgaugeWorld(
  settings: Record<string, string> = {},
  {
    identifications = [METER],
    pace = QUICK,
    clock = systemClock,
    authorised = true,
  }: { identifications?: readonly string[]; pace?: Partial<Pace>; clock?: Clock; authorised?: boolean } = {},
): Promise<EgaugeWorld> {
  const meters = identifications.map(
    (identification) => new SimulatedEgauge({ identification, clock, random: systemRandom, pace }),
  );
  const servers: OpenPort[] = [];
  for (const meter of meters) servers.push(await serveMeter(meter, "127.0.0.1", 0));
  const world = await startWorld({ METERGATE_EGAUGE_POLL_MS: "20", ...settings }, { meters: [] });
  const danger = { organisation: "test-org", functionGroup: "DANGEROUS_COMMANDS" };
  const devices = meters.map((meter, i) => ({
    ...{ ...recordOf(meter, servers[i]!.port), owner: "test-org" },
    ...(authorised && { authorisations: [danger] }),
  }));
  const { store, vault } = world.service;
  const content = JSON.stringify({ organisations: [{ identification: "test-org" }], devices });
  await importDevices(content, { families: FAMILIES, store, vault, clock: systemClock, replaceKeys: true });
  const publicKey = readFileSync(join(world.config.dataDir, "platform-public-key.pem"), "utf8");
  return {
    ...world,
    meters,
    egauge: meters[0]!,
    seal: (secret) => sealKey(publicKey, Buffer.from(secret)),
    stopService: () => world.service.stop(),
    stop: async () => {
      await world.stop();
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
