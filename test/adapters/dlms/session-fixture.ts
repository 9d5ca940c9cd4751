import { MeterSession } from "../../../src/adapters/dlms/session.ts";
import { cosem } from "../../../src/dlms/data.ts";
import type { SecretType } from "../../../src/domain/device.ts";
import { type Clock, systemClock } from "../../../src/lib/clock.ts";
import { parseObis } from "../../../src/lib/obis.ts";
import { systemRandom } from "../../../src/lib/random.ts";
import { TestCounters, type TestDevice, TestSecrets, testDevice } from "./devices.ts";
import {
  AUTHENTICATION_KEY,
  ENCRYPTION_KEY,
  PASSWORD,
  type ServedMeter,
  type ServedMeterOptions,
  serveMeter,
} from "./meter-server.ts";

export const TIMEOUTS = { connectTimeoutMs: 10_000, responseTimeoutMs: 20_000, lls1ResponseTimeoutMs: 30_000 };
/** Attributes that the served meter has, and one that it has not. */
export const NAME = { classId: 1, logicalName: parseObis("0.0.96.1.0.255"), attribute: 2 };
export const STATUS = { classId: 1, logicalName: parseObis("0.1.94.31.0.255"), attribute: 2 };
export const MISSING = { classId: 1, logicalName: parseObis("0.0.96.1.9.255"), attribute: 2 };

/** What a test says about the session's side; the rest is usual. */
export interface TestSide {
  readonly device?: TestDevice;
  /** Next invocation counter, null when it was never known; 0 by default. */
  readonly counter?: number | null;
  readonly secrets?: Partial<Record<SecretType, Uint8Array>>;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/** A served meter and a session with it. */
export class SessionFixture {
  readonly meter: ServedMeter;
  readonly session: MeterSession;
  readonly counters: TestCounters;
  readonly secrets: TestSecrets;

  constructor(meter: ServedMeter, { device = {}, counter = 0, ...side }: TestSide) {
    this.meter = meter;
    this.counters = new TestCounters(counter);
    this.secrets = new TestSecrets({
      E_METER_ENCRYPTION_KEY_UNICAST: ENCRYPTION_KEY,
      E_METER_AUTHENTICATION_KEY: AUTHENTICATION_KEY,
      LLS_PASSWORD: PASSWORD,
      ...side.secrets,
    });
    this.session = new MeterSession({
      device: testDevice({ ...device, address: { port: meter.port, ...device.address } }),
      secrets: this.secrets,
      counters: this.counters,
      clock: side.clock ?? systemClock,
      random: systemRandom,
      timeouts: TIMEOUTS,
      signal: side.signal ?? new AbortController().signal,
      correlationUid: "test",
    });
  }

  /** Reads the meter's name, which is `meter 1` unless it was set. */
  async readName(): Promise<string> {
    const data = await this.session.get(NAME);
    return data.type === "octet-string" ? Buffer.from(data.value).toString() : data.type;
  }

  async end(): Promise<void> {
    await this.session.close();
    await this.meter.close();
  }
}

/** Serves a meter and makes a session with it, which has not connected yet. */
export async function beginSession(served: ServedMeterOptions = {}, side: TestSide = {}): Promise<SessionFixture> {
  const meter = await serveMeter(served);
  meter.put(1, NAME.logicalName, 2, cosem.octetString(Buffer.from("meter 1")));
  meter.put(1, STATUS.logicalName, 2, cosem.enum(1));
  return new SessionFixture(meter, side);
}
