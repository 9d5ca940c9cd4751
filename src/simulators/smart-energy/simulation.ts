import type { StartSimulation } from "../../domain/simulation.ts";
import { type Clock, systemClock } from "../../lib/clock.ts";
import { type Random, systemRandom } from "../../lib/random.ts";
import { deviceIdOf } from "../../smart-energy/device-id.ts";
import { withDefaults } from "../../smart-energy/records.ts";
import { toUtc2000 } from "../../smart-energy/values.ts";
import { serveControl } from "./control.ts";
import { DeviceCloud } from "./device-cloud.ts";
import { entryOf } from "./entry.ts";
import { SimulatedGateway } from "./gateway.ts";
import { type MeterDescription, SimulatedMeter } from "./meter.ts";
import { NODE_DEFAULTS } from "./node.ts";
import { receiveMessage } from "./received.ts";

/** Published, and protects nothing. */
export const SIMULATED_ACCOUNT = { user: "demo", password: "simulated" } as const;

/** It counts more during the day than at night. */
const METER: MeterDescription = {
  ...{ mac: "0013A200400B0001", endpoint: 1, periodCode: 3, mostPeriods: 24 },
  increment: (endMs) => 50 + Math.round(40 * Math.sin((endMs / 86_400_000) * 2 * Math.PI)),
  attributes: new Map([
    // Registers of both directions, in all and by two tiers; thousandths of a kilowatt-hour.
    ...[0x0000, 0x0001, 0x0100, 0x0101, 0x0102, 0x0103].map((id, i): [number, number] => [id, 4_711_000 + 1_000 * i]),
    ...[[0x0300, 0] as const, [0x0301, 1] as const, [0x0302, 1_000] as const],
    // Nothing is wrong with it.
    [0x0200, 0],
  ]),
};

/** What the server has that the gateway is a client of: the samples ask for it. */
function fillUtility(gateway: SimulatedGateway): void {
  const { drlc, messages, prices } = gateway.utility;
  drlc.push({ issuer_event_id: 501, duration_in_minutes: 60 });
  messages.push({ message_id: 83, duration_in_minutes: 60, message: "Hello" });
  prices.push({ issuer_event_id: 502, duration_in_minutes: 60, price: 25 });
  // Kept on its lists from the beginning, so that samples which take something back find it in whatever order they come.
  const nowMs = gateway.schedule.nowMs();
  const event = { issuer_event_id: 70, duration_in_minutes: 60 };
  gateway.drlc.add(entryOf(withDefaults(event, "LoadControlEventRecord"), "issuer_event_id", nowMs));
  const later = { message_id: 81, start_time: toUtc2000(nowMs) + 86_400, duration_in_minutes: 60, message: "Later" };
  gateway.messages.add(entryOf(withDefaults(later, "DisplayMessageRecord"), "message_id", nowMs));
  receiveMessage(gateway, { message_id: 83, duration_in_minutes: 60, message: "Hello" });
}

interface SimulatedRecord {
  readonly identification: string;
  readonly gateway: SimulatedGateway;
}

function gateways(parts: { readonly clock: Clock; readonly random: Random }): SimulatedRecord[] {
  return (["1.5", "1.4"] as const).map((release, i) => {
    const number = i + 1;
    const gateway = new SimulatedGateway(
      {
        ...{ deviceId: deviceIdOf(`00409D00000${number}`)!, mac: `0013A2004000000${number}`, release },
        ...{ overlaps: "newer", sides: ["server", "client"], usesPush: false, firmware: "2.17.3" },
      },
      parts,
    );
    gateway.addNode({ ...NODE_DEFAULTS, mac: `0013A200400A0${number}01`, deviceClass: 0x0001, startRandomisation: 0 });
    gateway.addNode({ ...NODE_DEFAULTS, mac: `0013A200400A0${number}02`, deviceClass: 0, confirmsAfterMs: 500 });
    gateway.meters.push(new SimulatedMeter(METER));
    fillUtility(gateway);
    return { identification: `TESTSE000000000${number}`, gateway };
  });
}

/** A cloud with two gateways that speak for the utility and are displays, each in front of appliances and a meter. */
export const startSimulation: StartSimulation = async ({ host, port }) => {
  const parts = { clock: systemClock, random: systemRandom };
  const cloud = new DeviceCloud({ ...parts, ...SIMULATED_ACCOUNT, host, port });
  const all = gateways(parts);
  for (const { gateway } of all) cloud.add(gateway);
  await cloud.open();
  const control = await serveControl(cloud, port === 0 ? 0 : port + 1);
  return {
    places: [
      `${cloud.url} a Device Cloud with ${all.length} gateways`,
      `control at http://127.0.0.1:${control.port}/gateways`,
    ],
    records: all.flatMap(({ identification, gateway: { description, meters } }) => {
      const common = { family: "smart-energy", protocol: { name: "DIGI-SE", version: description.release } };
      const gateway = {
        ...{ identification, ...common, cloud: cloud.url, user: SIMULATED_ACCOUNT.user },
        ...{ deviceId: description.deviceId, keys: { DEVICE_CLOUD_PASSWORD: SIMULATED_ACCOUNT.password } },
      };
      const behind = meters.map((meter, i) => ({
        ...{ identification: `${identification.slice(0, -2)}${i + 1}${identification.slice(-1)}`, ...common },
        ...{
          gateway: { device: identification },
          address: meter.description.mac,
          endpoint: meter.description.endpoint,
        },
      }));
      return [gateway, ...behind];
    }),
    close: async () => {
      await Promise.all([control.close(), cloud.close()]);
    },
  };
};
