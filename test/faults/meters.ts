import { toHex } from "../../src/lib/bytes.ts";
import { parseObis } from "../../src/lib/obis.ts";
import type { Behaviour } from "../../src/simulators/dlms/behaviour.ts";
import { cutConnection, silent } from "../../src/simulators/dlms/behaviours.ts";
import { type Fleet, startFleet } from "../../src/simulators/dlms/fleet.ts";
import type { SimulatedMeter } from "../../src/simulators/dlms/simulated-meter.ts";

const PUSH_SETUP_SMS = parseObis("0.2.25.9.0.255");
const PUSH_SETUP_CLASS = 40;
const DESTINATION = 3;

/** Adds a value unless it is the latest. */
function note(list: string[], value: string): void {
  if (list.at(-1) !== value) list.push(value);
}

/** Where the meter sends its messages: what the tests write. */
function destinationOf(meter: SimulatedMeter): string {
  const value = JSON.stringify(meter.read(PUSH_SETUP_CLASS, PUSH_SETUP_SMS, DESTINATION), (_, part) =>
    part instanceof Uint8Array ? Buffer.from(part).toString("latin1") : typeof part === "bigint" ? String(part) : part,
  );
  return /\d+\.\d+\.\d+\.\d+:\d+/.exec(value)?.[0] ?? "";
}

/** A meter that notes down, after each APDU, what it was given. */
class NotingMeter {
  readonly meter: SimulatedMeter;
  readonly markers: string[] = [];
  readonly keys: string[] = [];

  constructor(meter: SimulatedMeter) {
    this.meter = meter;
    const initial = destinationOf(meter);
    this.#note(initial);
    const noting: Behaviour = {
      name: "noting",
      plain: () => {
        this.#note(initial);
        return undefined;
      },
    };
    meter.behaviours.add(noting);
  }

  #note(initial: string): void {
    const destination = destinationOf(this.meter);
    if (destination !== initial) note(this.markers, destination);
    note(this.keys, toHex(this.meter.keys.encryptionUnicast));
  }
}

/** Meters that note down what they are given, and can be cut and fall silent. */
export class FaultyFleet {
  readonly #fleet: Fleet;
  readonly noting: readonly NotingMeter[];

  private constructor(fleet: Fleet) {
    this.#fleet = fleet;
    this.noting = fleet.meters.map((meter) => new NotingMeter(meter));
  }

  static async start(count: number): Promise<FaultyFleet> {
    const meters = Array.from({ length: count }, (_, i) => ({
      identification: `FAULT${String(i).padStart(12, "0")}`,
      profile: "smr5.0.0",
    }));
    return new FaultyFleet(await startFleet(meters));
  }

  get identifications(): string[] {
    return this.noting.map(({ meter }) => meter.identification);
  }

  /** A devices file with these meters. */
  devicesFile(owner: string): string {
    const devices = this.noting.map(({ meter: { identification, host, port, keys, meter } }) => ({
      identification,
      protocol: { name: "SMR", version: "5.0.0" },
      ...{ host, port, logicalDevice: meter.description.logicalDevice },
      ...{ hls5Active: true, lls1Active: false, withListMax: 10, selectiveAccessSupported: true, owner },
      keys: {
        E_METER_MASTER_KEY: toHex(keys.master),
        E_METER_AUTHENTICATION_KEY: toHex(keys.authentication),
        E_METER_ENCRYPTION_KEY_UNICAST: toHex(keys.encryptionUnicast),
      },
    }));
    return JSON.stringify({ organisations: [{ identification: owner }], devices });
  }

  /** Has some meters cut their connections, or say nothing, until the returned function is called. */
  disturb(share: number): () => void {
    const undo = this.noting
      .filter(() => Math.random() < share)
      .map(({ meter }) => {
        const number = 1 + Math.floor(Math.random() * 8);
        const moment = (["before-effect", "after-effect", "after-answer"] as const)[Math.floor(Math.random() * 3)]!;
        const behaviour = Math.random() < 0.8 ? cutConnection(number, moment) : silent(number);
        meter.behaviours.add(behaviour);
        return () => meter.behaviours.remove(behaviour);
      });
    return () => {
      for (const each of undo) each();
    };
  }

  close(): Promise<void> {
    return this.#fleet.close();
  }
}
