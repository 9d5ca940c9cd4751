import type { StartSimulation } from "../../domain/simulation.ts";
import { systemClock } from "../../lib/clock.ts";
import { type GatewayDescription, SimulatedCloud } from "./cloud.ts";
import { serveControl } from "./control.ts";
import { serveCloud } from "./server.ts";

/** Published, and protects nothing. */
export const GATEWAY = { identification: "EKMGATEWAY000001", key: "c2ltdWxhdGVkLWdhdGV3YXk", mac: "0004A3B0C0D1" };
export const METERS = [
  { identification: "EKMV300000010001", address: "000000010001", version: "v3" },
  { identification: "EKMV400000010002", address: "000000010002", version: "v4" },
  { identification: "EKMV500000010003", address: "000000010003", version: "v5" },
] as const;

/** The records of a gateway and meters in a cloud at such a place: host and port. */
export function recordsAt(place: string): object[] {
  return [
    {
      identification: GATEWAY.identification,
      family: "ekm",
      protocol: { name: "PUSH3", version: "1" },
      ...{ url: `http://${place}`, summaryUrl: `http://${place}` },
      responseHost: place,
      keys: { EKM_KEY: GATEWAY.key },
    },
    ...METERS.map(({ identification, address: meterAddress, version }) => ({
      identification,
      family: "ekm",
      protocol: { name: "EKM", version },
      meterAddress,
      gateway: { device: GATEWAY.identification },
    })),
  ];
}

/** A cloud with one gateway and a meter of each version. */
export const startSimulation: StartSimulation = async (address) => {
  const gateways: GatewayDescription[] = [{ key: GATEWAY.key, mac: GATEWAY.mac, meters: METERS }];
  let place = "";
  // The simulation is not to be guessed, only to be varied: its ids need no better chance than this.
  const random = Math.random;
  const cloud = new SimulatedCloud({ clock: systemClock, random, gateways, responseHost: () => place });
  const served = await serveCloud(cloud, address);
  const control = await serveControl(cloud, address.port === 0 ? 0 : address.port + 1, () => systemClock.now());
  place = `${address.host}:${served.port}`;
  const records = recordsAt(place);
  return {
    places: [
      `${place} an EKM cloud with a gateway and ${METERS.length} meters`,
      `control at http://127.0.0.1:${control.port}/meters`,
    ],
    records,
    close: async () => {
      await Promise.all([control.close(), served.close()]);
    },
  };
};
