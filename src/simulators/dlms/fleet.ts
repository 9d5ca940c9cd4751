import { HdlcApduLink } from "../../dlms/hdlc-apdu-link.ts";
import type { Link } from "../../dlms/link.ts";
import { WrapperServerLink } from "../../dlms/wrapper.ts";
import { type Random, systemRandom } from "../../lib/random.ts";
import type { OpenPort } from "../../transport/open-port.ts";
import { listenForConnections } from "../../transport/tcp-listener.ts";
import { SimulatorError } from "./errors.ts";
import type { Meter } from "./meter.ts";
import { MeterConnection } from "./meter-connection.ts";
import { createMeter, defaultGasMeter, type MeterOptions } from "./meter-options.ts";
import { SimulatedMeter } from "./simulated-meter.ts";

/** How meters are reached. */
export interface FleetOptions {
  /** By default 127.0.0.1. */
  readonly host?: string;
  /** First port; 0, the default, lets the system choose. */
  readonly port?: number;
  /**
   * Meters behind one port, each a logical device of its own, 1 … 65535 (127 with HDLC); by default 1. Further meters
   * are behind the following ports.
   */
  readonly metersPerPort?: number;
  /** HDLC frames in the place of the wrapper. */
  readonly useHdlc?: boolean;
  /** For challenges; by default the system's. */
  readonly random?: Random;
}

/** Running meters. */
export interface Fleet {
  readonly meters: readonly SimulatedMeter[];
  /** @throws SimulatorError `simulator/unknown-meter` */
  meter(identification: string): SimulatedMeter;
  close(): Promise<void>;
}

const HDLC_PARAMETERS = { maxInformationTransmit: 2030, maxInformationReceive: 2030 };
const HDLC_ADDRESSES = 127;
const WRAPPER_ADDRESSES = 0xffff;

/**
 * Makes the meters and opens their ports.
 * @throws SimulatorError when an option cannot be; what the system says when a port cannot be opened
 */
export async function startFleet(meters: readonly MeterOptions[], options: FleetOptions = {}): Promise<Fleet> {
  const { host = "127.0.0.1", port = 0, metersPerPort = 1, useHdlc = false, random = systemRandom } = options;
  if (metersPerPort < 1 || metersPerPort > (useHdlc ? HDLC_ADDRESSES : WRAPPER_ADDRESSES)) {
    throw new SimulatorError("simulator/invalid-option", `a port does not have room for ${metersPerPort} meters`);
  }
  const link = (): Link =>
    useHdlc ? new HdlcApduLink({ role: "server", parameters: HDLC_PARAMETERS }) : new WrapperServerLink();
  const listeners: OpenPort[] = [];
  const running: SimulatedMeter[] = [];
  const close = async () => {
    await Promise.all(listeners.map((listener) => listener.close()));
  };
  try {
    for (let first = 0; first < meters.length; first += metersPerPort) {
      const behind = meters.slice(first, first + metersPerPort).map((one, i) => createMeter(withPlace(one, first, i)));
      const devices = devicesBehind(behind);
      const wanted = port === 0 ? 0 : port + listeners.length;
      const listener = await listenForConnections(
        host,
        wanted,
        (connection) => new MeterConnection(connection, devices, link(), random),
      );
      listeners.push(listener);
      running.push(...behind.map((meter) => new SimulatedMeter(meter, host, listener.port)));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const byIdentification = new Map(running.map((meter) => [meter.identification, meter]));
  return {
    meters: running,
    meter: (identification) => {
      const found = byIdentification.get(identification);
      if (found) return found;
      throw new SimulatorError("simulator/unknown-meter", `no meter ${identification} is simulated`);
    },
    close,
  };
}

/** Starts one meter on a port of its own. */
export async function startMeter(
  meter: MeterOptions = {},
  options: FleetOptions = {},
): Promise<{ meter: SimulatedMeter; port: number; close(): Promise<void> }> {
  const fleet = await startFleet([meter], options);
  const [started] = fleet.meters;
  return { meter: started!, port: started!.port, close: fleet.close };
}

/** What follows from a meter's place in the fleet, unless it was chosen. */
function withPlace(options: MeterOptions, first: number, i: number): MeterOptions {
  const number = first + i;
  return {
    identification: `SIMDM${String(number + 1).padStart(12, "0")}`,
    logicalDevice: i + 1,
    mbusDevices: new Map([[1, defaultGasMeter(number)]]),
    ...options,
  };
}

function devicesBehind(meters: readonly Meter[]): ReadonlyMap<number, Meter> {
  const devices = new Map(meters.map((meter) => [meter.description.logicalDevice, meter]));
  if (devices.size === meters.length) return devices;
  throw new SimulatorError("simulator/invalid-option", "two meters behind one port have the same logical device");
}
