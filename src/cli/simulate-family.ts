import { writeFileSync } from "node:fs";
import type { SimulatedDevices, StartSimulation } from "../domain/simulation.ts";
import { SIMULATIONS } from "../simulators/index.ts";
import type { CommandContext } from "./context.ts";
import { untilStopped } from "./signals.ts";

export interface SimulateOptions {
  readonly host: string;
  /** First port, 0 for any. */
  readonly port: number;
  /** File to write a devices file to. */
  readonly writeDevices?: string | undefined;
  /** Organisation that owns the devices of that file. */
  readonly owner: string;
}

/** `simulate` with the name of a family that has no options of its own: runs its simulated devices until it is stopped. */
export async function simulateFamily(
  context: CommandContext,
  start: StartSimulation,
  { host, port, writeDevices, owner }: SimulateOptions,
  stopped: () => Promise<void> = untilStopped,
): Promise<void> {
  const devices = await start({ host, port });
  try {
    for (const place of devices.places) context.print(place);
    if (writeDevices) writeFileSync(writeDevices, simulationFile([devices], owner), { mode: 0o600 });
    context.print("ready");
    await stopped();
  } finally {
    await devices.close();
  }
}

/** A devices file (docs/devices.md) with which a service reaches simulated devices. */
export function simulationFile(simulations: readonly SimulatedDevices[], owner: string): string {
  // Nothing is lost with a simulated device: its owner may do with it what real ones are granted by itself.
  const authorisations = [{ organisation: owner, functionGroup: "DANGEROUS_COMMANDS" }];
  const devices = simulations.flatMap(({ records }) => records.map((record) => ({ ...record, owner, authorisations })));
  return `${JSON.stringify({ organisations: [{ identification: owner }], devices }, null, 2)}\n`;
}

/** Starts the devices of every family that has a simulation of this kind, on free ports of the loopback interface. */
export async function startSimulations(): Promise<SimulatedDevices[]> {
  const loaded = await Promise.all(Object.values(SIMULATIONS).map((load) => load()));
  return Promise.all(loaded.map((start) => start({ host: "127.0.0.1", port: 0 })));
}
