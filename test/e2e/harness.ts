import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEMO_METERS, DEMO_ORGANISATION, demoDevicesFile, placePlatformKey } from "../../src/cli/demo-fleet.ts";
import { type Accepted, type Answered, ErpClient } from "../../src/cli/erp-client.ts";
import { simulationFile, startSimulations } from "../../src/cli/simulate-family.ts";
import { type Config, loadConfig } from "../../src/config.ts";
import { importDevices } from "../../src/devices/import.ts";
import type { Role } from "../../src/domain/role.ts";
import { FAMILIES } from "../../src/families.ts";
import { type Clock, type Elapsed, type Instant, systemClock } from "../../src/lib/clock.ts";
import type { Logger } from "../../src/lib/logger.ts";
import { type Service, startService } from "../../src/service.ts";
import { type Fleet, startFleet } from "../../src/simulators/dlms/fleet.ts";
import type { MeterOptions } from "../../src/simulators/dlms/meter-options.ts";
import type { SimulatedMeter } from "../../src/simulators/dlms/simulated-meter.ts";
import { placeEmptyDatabase } from "../store/temporary-store.ts";

/** A directory that is gone when the test run is. */
export function temporaryDirectory(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "metergate-test-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/**
 * The system's clock, but waits of up to a second pass at once and are put in front of it: those for the next second,
 * and for a meter that is about to be done. What limits how long something may take is longer, and real.
 */
export class HurriedClock implements Clock {
  static readonly #LONGEST_MS = 1000;
  #aheadMs = 0;

  now(): Instant {
    return (systemClock.now() + this.#aheadMs) as Instant;
  }

  elapsed(): Elapsed {
    return (systemClock.elapsed() + this.#aheadMs) as Elapsed;
  }

  after(delayMs: number, callback: () => void): () => void {
    if (delayMs > HurriedClock.#LONGEST_MS) return systemClock.after(delayMs, callback);
    const pending = setImmediate(() => {
      this.#aheadMs += delayMs;
      callback();
    });
    return () => clearImmediate(pending);
  }
}

/** The whole service with the demo's meters, in this process, on free ports. */
export interface World {
  readonly service: Service;
  readonly client: ErpClient;
  readonly fleet: Fleet;
  readonly config: Config;
  /** What the service told operators at level warn and above. */
  readonly complaints: string[];
  meter(identification: string): SimulatedMeter;
  stop(): Promise<void>;
}

export async function startWorld(
  settings: Record<string, string> = {},
  {
    meters = DEMO_METERS,
    logger: given,
    clock = systemClock,
    role = "all",
    hasOthers = false,
    watchMs,
  }: {
    meters?: readonly MeterOptions[];
    logger?: Logger;
    clock?: Clock;
    role?: Role;
    /** With the simulated devices of the other families. */
    hasOthers?: boolean;
    /** How often the service looks at its certificates. */
    watchMs?: number;
  } = {},
): Promise<World> {
  const directory = temporaryDirectory();
  const config = loadConfig({
    METERGATE_PORT: "0",
    METERGATE_PLAIN_HTTP: "true",
    METERGATE_ALARM_PORT: "0",
    METERGATE_DATA_DIR: directory.path,
    METERGATE_VALIDATE_RESPONSES: "true",
    METERGATE_RETRY_DELAY_MS: "50",
    ...settings,
  });
  const complaints: string[] = [];
  // A request that failed was answered; that is between the caller and the device.
  const note = (_: unknown, text: string) => void (text !== "the request failed" && complaints.push(text));
  const logger: Logger = given ?? { debug: () => {}, info: () => {}, warn: note, error: note };
  const fleet = await startFleet(meters);
  // What samples hold sealed is sealed for the demo's key.
  if (hasOthers) placePlatformKey(directory.path);
  await placeEmptyDatabase(directory.path);
  const service = await startService(config, { logger, clock, role, watchMs });
  const { store, vault } = service;
  const parts = { families: FAMILIES, store, vault, clock: systemClock, replaceKeys: true };
  await importDevices(demoDevicesFile(fleet.meters), parts);
  const others = hasOthers ? await startSimulations() : [];
  await importDevices(simulationFile(others, DEMO_ORGANISATION), parts);
  return {
    service,
    client: new ErpClient(service.baseUrl, systemClock),
    fleet,
    config,
    complaints,
    meter: (identification) => fleet.meters.find((meter) => meter.identification === identification)!,
    stop: async () => {
      await service.stop();
      await Promise.all([fleet, ...others].map((each) => each.close()));
      directory.remove();
    },
  };
}

/** A document of the folder `samples`, with parts replaced. */
export function sample(name: string, ...changes: [from: string, to: string][]): Uint8Array<ArrayBuffer> {
  let text = readFileSync(new URL(`../../samples/${name}.xml`, import.meta.url), "utf8");
  for (const [from, to] of changes) text = text.replaceAll(from, to);
  return new Uint8Array(Buffer.from(text));
}

/** For a request that hangs, not for a slow machine: each that was accepted ends by itself. */
const PATIENCE_MS = 300_000;

/** Sends a document and waits for its result. Fails when it is refused or not answered in time. */
export async function run(client: ErpClient, document: Uint8Array<ArrayBuffer>): Promise<Answered> {
  const sent = await client.send(document);
  if ("fault" in sent) throw new RangeError(`refused: ${sent.fault.xml}`);
  return result(client, sent);
}

export async function result(client: ErpClient, sent: Accepted): Promise<Answered> {
  const answer = await client.waitForResult(sent, PATIENCE_MS);
  if (!answer) throw new RangeError(`no result for ${sent.correlationUid}`);
  return answer;
}
