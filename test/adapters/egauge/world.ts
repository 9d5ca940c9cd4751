import { importDevices } from "../../../src/devices/import.ts";
import { FAMILIES } from "../../../src/families.ts";
import { type Clock, systemClock } from "../../../src/lib/clock.ts";
import { systemRandom } from "../../../src/lib/random.ts";
import { SimulatedEgauge } from "../../../src/simulators/egauge/meter.ts";
import { type OpenServer, serveMeter } from "../../../src/simulators/egauge/server.ts";
import { FACTORY_PASSWORD, type Pace } from "../../../src/simulators/egauge/state.ts";
import { startWorld, type World } from "../../e2e/harness.ts";

export const METER = "EGAUGE0000000001";

/** The whole service with eGauge meters. */
export interface EgaugeWorld extends World {
  readonly meters: readonly SimulatedEgauge[];
  readonly egauge: SimulatedEgauge;
}

const QUICK: Partial<Pace> = { rebootDelay: 0.05, down: 0.3, install: 0.5, operation: 0.2 };

export async function startEgaugeWorld(
  settings: Record<string, string> = {},
  {
    identifications = [METER],
    pace = QUICK,
    clock = systemClock,
  }: { identifications?: string[]; pace?: Partial<Pace>; clock?: Clock } = {},
): Promise<EgaugeWorld> {
  const meters = identifications.map(
    (identification) => new SimulatedEgauge({ identification, clock, random: systemRandom, pace }),
  );
  const servers: OpenServer[] = [];
  for (const meter of meters) servers.push(await serveMeter(meter, "127.0.0.1", 0));
  const world = await startWorld(settings, { meters: [] });
  const devices = meters.map(({ identification }, i) => ({
    ...{ identification, family: "egauge", protocol: { name: "EGAUGE", version: "WebAPI" } },
    ...{ host: "127.0.0.1", port: servers[i]!.port, useHttps: false, timezone: "UTC", owner: "test-org" },
    ...{ importRegister: "Grid+", exportRegister: "Grid-", keys: { EGAUGE_PASSWORD: FACTORY_PASSWORD } },
  }));
  const { store, vault } = world.service;
  const content = JSON.stringify({ organisations: [{ identification: "test-org" }], devices });
  await importDevices(content, { families: FAMILIES, store, vault, clock: systemClock, replaceKeys: true });
  return {
    ...world,
    meters,
    egauge: meters[0]!,
    stop: async () => {
      await world.stop();
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
