import type { StartSimulation } from "../../domain/simulation.ts";
import { systemClock } from "../../lib/clock.ts";
import { systemRandom } from "../../lib/random.ts";
import { deviceIdOf } from "../../smart-energy/device-id.ts";
import { DeviceCloud } from "./device-cloud.ts";
import { SimulatedGateway } from "./gateway.ts";
import { NODE_DEFAULTS } from "./node.ts";

/** Published, and protects nothing. */
export const SIMULATED_ACCOUNT = { user: "demo", password: "simulated" } as const;

/** A cloud with a gateway that speaks for the utility, in front of appliances and a meter. */
export const startSimulation: StartSimulation = async ({ host, port }) => {
  const parts = { clock: systemClock, random: systemRandom };
  const cloud = new DeviceCloud({ ...parts, ...SIMULATED_ACCOUNT, host, port });
  const gateway = new SimulatedGateway(
    {
      ...{ deviceId: deviceIdOf("00409D000001")!, mac: "0013A20040000001", release: "1.5", overlaps: "newer" },
      ...{ sides: ["server", "client"], usesPush: false, firmware: "2.17.3" },
    },
    parts,
  );
  gateway.addNode({ ...NODE_DEFAULTS, mac: "0013A200400A0001", deviceClass: 0x0001, startRandomisation: 0 });
  cloud.add(gateway);
  await cloud.open();
  return {
    places: [`${cloud.url} a Device Cloud with ${cloud.gateways.length} gateways`],
    records: [
      {
        identification: "TESTSE0000000001",
        family: "smart-energy",
        protocol: { name: "DIGI-SE", version: "1.5" },
        cloud: cloud.url,
        user: SIMULATED_ACCOUNT.user,
        deviceId: gateway.description.deviceId,
        keys: { DEVICE_CLOUD_PASSWORD: SIMULATED_ACCOUNT.password },
      },
    ],
    close: () => cloud.close(),
  };
};
