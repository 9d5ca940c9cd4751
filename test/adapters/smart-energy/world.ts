import type { ErpClient } from "../../../src/cli/erp-client.ts";
import { importDevices } from "../../../src/devices/import.ts";
import { FAMILIES } from "../../../src/families.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { systemRandom } from "../../../src/lib/random.ts";
import { DeviceCloud } from "../../../src/simulators/smart-energy/device-cloud.ts";
import { type GatewayDescription, SimulatedGateway } from "../../../src/simulators/smart-energy/gateway.ts";
import { type MeterDescription, SimulatedMeter } from "../../../src/simulators/smart-energy/meter.ts";
import { NODE_DEFAULTS, type SimulatedNode } from "../../../src/simulators/smart-energy/node.ts";
import { deviceIdOf } from "../../../src/smart-energy/device-id.ts";
import { startWorld, type World } from "../../e2e/harness.ts";

/** The meter behind it. */
export const NODE_METER = "0013A200400B0001";
export const GATEWAY = "SEGATEWAY0000001";
export const ACCOUNT = { user: "utility", password: "correct horse battery" } as const;

const DESCRIPTION: GatewayDescription = {
  ...{ deviceId: deviceIdOf("00409D112233")!, mac: "0013A20040112233", release: "1.5", overlaps: "newer" },
  ...{ sides: ["server", "client"], usesPush: false, firmware: "2.17.3" },
};

const QUARTER_MS = 900_000;

/** It lacks every fifth value. */
export const METER: MeterDescription = {
  ...{ mac: "0013A200400B0001", endpoint: 1, periodCode: 3, mostPeriods: 24 },
  increment: (endMs) => ((endMs / QUARTER_MS) % 5 === 0 ? undefined : Math.floor(endMs / QUARTER_MS) % 1000),
  attributes: new Map([
    ...([0x0000, 0x0001, 0x0100, 0x0101, 0x0102, 0x0103] as const).map((id, i): [number, number] => [id, 123_456 + i]),
    [0x0300, 0],
    [0x0301, 1],
    [0x0302, 100],
  ]),
};

/** A simulated cloud with one gateway, an appliance and a meter. */
export async function startCloud(description: Partial<GatewayDescription> = {}) {
  const parts = { clock: systemClock, random: systemRandom };
  const cloud = new DeviceCloud({ ...parts, ...ACCOUNT });
  const gateway = new SimulatedGateway({ ...DESCRIPTION, ...description }, parts);
  const node = gateway.addNode({ ...NODE_DEFAULTS, mac: "0013A200400A0001", startRandomisation: 0 });
  gateway.meters.push(new SimulatedMeter(METER));
  cloud.add(gateway);
  await cloud.open();
  const { deviceId, release } = gateway.description;
  const record = {
    ...{ identification: GATEWAY, family: "smart-energy", protocol: { name: "DIGI-SE", version: release } },
    ...{ cloud: cloud.url, user: ACCOUNT.user, deviceId, keys: { DEVICE_CLOUD_PASSWORD: ACCOUNT.password } },
  };
  return { cloud, gateway, node, record };
}

/** The whole service with a simulated cloud and one gateway, in this process. */
export class SmartEnergyWorld {
  readonly world: World;
  readonly cloud: DeviceCloud;
  readonly gateway: SimulatedGateway;
  readonly node: SimulatedNode;
  readonly #record: object;

  constructor(world: World, { cloud, gateway, node, record }: Awaited<ReturnType<typeof startCloud>>) {
    this.world = world;
    this.cloud = cloud;
    this.gateway = gateway;
    this.node = node;
    this.#record = record;
  }

  static async start(
    settings: Record<string, string> = {},
    description: Partial<GatewayDescription> = {},
  ): Promise<SmartEnergyWorld> {
    const simulated = await startCloud(description);
    const world = await startWorld({ METERGATE_SMART_ENERGY_POLL_MS: "0", ...settings }, { meters: [] });
    const made = new SmartEnergyWorld(world, simulated);
    await made.import({});
    return made;
  }

  get client(): ErpClient {
    return this.world.client;
  }

  /** Makes the gateway known, and others beside it. */
  async import(more: object, ...others: readonly object[]): Promise<void> {
    const record = { ...this.#record, ...more };
    const devices = [record, ...others].map((each) => ({ ...each, owner: "test-org" }));
    const content = JSON.stringify({ organisations: [{ identification: "test-org" }], devices });
    const { store, vault } = this.world.service;
    await importDevices(content, { families: FAMILIES, store, vault, clock: systemClock, replaceKeys: true });
  }

  async stop(): Promise<void> {
    await this.world.stop();
    await this.cloud.close();
  }
}
