import { importDevices } from "../../../src/devices/import.ts";
import { FAMILIES } from "../../../src/families.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { SimulatedCloud } from "../../../src/simulators/ekm/cloud.ts";
import { serveCloud } from "../../../src/simulators/ekm/server.ts";
import { GATEWAY, METERS } from "../../../src/simulators/ekm/simulation.ts";
import { startWorld, type World } from "../../e2e/harness.ts";
import { seeded } from "./in-memory.ts";

/** The whole service with a simulated cloud, over HTTP. */
export interface EkmWorld extends World {
  readonly cloud: SimulatedCloud;
}

export async function startEkmWorld(
  settings: Record<string, string> = {},
  gateway: Record<string, unknown> = {},
): Promise<EkmWorld> {
  let place = "";
  const cloud = new SimulatedCloud({
    clock: systemClock,
    random: seeded(7),
    gateways: [{ ...GATEWAY, meters: METERS }],
    responseHost: () => place,
    readEveryMs: 20,
  });
  cloud.behaviour.busMs = 1;
  const server = await serveCloud(cloud, { host: "127.0.0.1", port: 0 });
  place = `127.0.0.1:${server.port}`;
  const world = await startWorld({ METERGATE_MAX_RETRIES: "0", ...settings }, { meters: [] });
  const { store, vault } = world.service;
  const owner = "test-org";
  const devices = [
    {
      ...{ identification: GATEWAY.identification, family: "ekm", protocol: { name: "PUSH3", version: "1" }, owner },
      ...{ url: `http://${place}`, summaryUrl: `http://${place}`, keys: { EKM_KEY: GATEWAY.key }, ...gateway },
    },
    ...METERS.map(({ identification, address, version }) => ({
      ...{ identification, family: "ekm", protocol: { name: "EKM", version }, owner, timezone: "Europe/Amsterdam" },
      ...{ meterAddress: address, gateway: { device: GATEWAY.identification } },
    })),
  ];
  const content = JSON.stringify({ organisations: [{ identification: owner }], devices });
  await importDevices(content, { families: FAMILIES, store, vault, clock: systemClock, replaceKeys: true });
  return {
    ...world,
    cloud,
    stop: async () => {
      await world.stop();
      await server.close();
    },
  };
}
