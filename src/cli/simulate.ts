import { writeFileSync } from "node:fs";
import { behaviourFromJson } from "../simulators/dlms/behaviour-catalogue.ts";
import { startControlServer } from "../simulators/dlms/control-server.ts";
import { SimulatorError } from "../simulators/dlms/errors.ts";
import { type Fleet, startFleet } from "../simulators/dlms/fleet.ts";
import type { MeterSecurity } from "../simulators/dlms/meter.ts";
import type { MeterOptions } from "../simulators/dlms/meter-options.ts";
import { type CommandContext, UsageError } from "./context.ts";
import { untilStopped } from "./signals.ts";
import { simulatedDevicesFile } from "./simulated-devices.ts";

const USUAL_PROFILE = "smr5.0.0";

export interface SimulateDlmsOptions {
  /** Names of profiles; the meters take turns. smr5.0.0 when it is left out. */
  readonly profile?: readonly string[] | undefined;
  readonly count: number;
  readonly host: string;
  /** First port, 0 for any. */
  readonly port: number;
  /** Meters behind one port; all of them when it is left out. */
  readonly metersPerPort?: number | undefined;
  readonly hdlc?: boolean | undefined;
  /** none, lls1 or hls5; what is usual for the profile when it is left out. */
  readonly security?: MeterSecurity | undefined;
  /** Behaviours of every meter, each as JSON. */
  readonly behaviour?: readonly string[] | undefined;
  /** Port of the control interface, 0 for any; none when it is left out. */
  readonly controlPort?: number | undefined;
  /** File to write a devices file to. */
  readonly writeDevices?: string | undefined;
  /** Organisation that owns the devices of that file. */
  readonly owner: string;
}

/**
 * `simulate dlms`: runs simulated meters until it is stopped.
 * @throws UsageError for options that cannot be
 */
export async function simulateDlms(context: CommandContext, options: SimulateDlmsOptions): Promise<void> {
  const fleet = await start(options);
  const control = options.controlPort === undefined ? undefined : await startControlServer(fleet, options.controlPort);
  try {
    const ports = new Map<number, number>();
    for (const { port } of fleet.meters) ports.set(port, (ports.get(port) ?? 0) + 1);
    for (const [port, meters] of ports)
      context.print(`${options.host}:${port} ${meters} meter${meters > 1 ? "s" : ""}`);
    if (control) context.print(`control at http://127.0.0.1:${control.port}/meters`);
    if (options.writeDevices) {
      const content = simulatedDevicesFile(fleet.meters, options.owner, options.hdlc ?? false);
      writeFileSync(options.writeDevices, content, { mode: 0o600 });
    }
    context.print("ready");
    await untilStopped();
  } finally {
    await control?.close();
    await fleet.close();
  }
}

async function start(options: SimulateDlmsOptions): Promise<Fleet> {
  const { host, port, count, metersPerPort = count, hdlc: useHdlc = false, security } = options;
  const { profile = [USUAL_PROFILE], behaviour = [] } = options;
  const meters = Array.from(
    { length: count },
    (_, i): MeterOptions => ({ profile: profile[i % profile.length]!, ...(security && { security }) }),
  );
  try {
    const behaviours = behaviour.map((text) => () => behaviourFromJson(parseJson(text)));
    for (const make of behaviours) make();
    const fleet = await startFleet(meters, { host, port, metersPerPort, useHdlc });
    // A behaviour may keep state, so each meter has its own.
    for (const meter of fleet.meters) meter.behaviours.add(...behaviours.map((make) => make()));
    return fleet;
  } catch (error) {
    if (error instanceof SimulatorError) throw new UsageError(error.message);
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`--behaviour is not JSON: ${text}`);
  }
}
