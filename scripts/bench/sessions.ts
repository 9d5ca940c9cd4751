import type { DlmsDevice } from "../../src/adapters/dlms/device.ts";
import { MeterSession } from "../../src/adapters/dlms/session.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { parseObis } from "../../src/lib/obis.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { DEFAULT_METER_KEYS } from "../../src/simulators/dlms/meter-keys.ts";

const CLOCK_TIME = { classId: 8, logicalName: parseObis("0.0.1.0.0.255"), attribute: 2 };

/** Identification of the `index`-th meter of the bench, from 0. */
export const meterName = (index: number) => `BENCH${String(index + 1).padStart(12, "0")}`;

/** Meters of the bench share ports: each is a logical device of its own there. */
export const METERS_PER_PORT = 100;

/** Logical device of the `index`-th meter. */
export const logicalDeviceOf = (index: number) => 1 + (index % METERS_PER_PORT);

function deviceAt(port: number, index: number): DlmsDevice {
  return {
    identification: meterName(index),
    family: "dlms",
    protocol: { name: "SMR", version: "5.0.0" },
    timezone: "Europe/Amsterdam",
    security: { hls5Active: true, hls4Active: false, hls3Active: false, lls1Active: false },
    dlms: {
      ...{ host: "127.0.0.1", port, logicalDevice: logicalDeviceOf(index), useHdlc: false, useSn: false },
      ...{ challengeLength: 16, withListMax: 1, selectiveAccessSupported: true },
    },
  };
}

/** Keys and counters in memory: what is measured is the association, not the store. */
function sessionWith(port: number, index: number, counters: number[]): MeterSession {
  return new MeterSession({
    device: deviceAt(port, index),
    secrets: {
      getActive: async (_device, type) =>
        type === "E_METER_AUTHENTICATION_KEY"
          ? DEFAULT_METER_KEYS.authentication
          : DEFAULT_METER_KEYS.encryptionUnicast,
      getTogether: async (_device, wanted) =>
        wanted.map(({ type }) =>
          type === "E_METER_AUTHENTICATION_KEY"
            ? DEFAULT_METER_KEYS.authentication
            : DEFAULT_METER_KEYS.encryptionUnicast,
        ),
    },
    counters: {
      current: async () => counters[index] ?? null,
      reserve: async (_device, count) => {
        const from = counters[index] ?? 0;
        counters[index] = from + count;
        return { from, to: from + count - 1 };
      },
      reserveKnown: async (_device, count) => {
        const from = counters[index];
        if (from === undefined) return undefined;
        counters[index] = from + count;
        return { from, to: from + count - 1 };
      },
      lend: async (_device, from, count) => ({ from, to: from + count - 1 }),
      restart: async () => false,
      raise: async (_device, value) => {
        counters[index] = value;
        return true;
      },
    },
    clock: systemClock,
    random: systemRandom,
    timeouts: { connectTimeoutMs: 5_000, responseTimeoutMs: 5_000, lls1ResponseTimeoutMs: 5_000 },
    signal: new AbortController().signal,
    correlationUid: "bench",
  });
}

/** Sessions per second (associate, one ciphered GET, release), one after the other on each of the meters. */
export async function sessionsPerSecond(ports: readonly number[], durationMs: number): Promise<number> {
  const counters: number[] = [];
  let sessions = 0;
  const startMs = performance.now();
  const loop = async (port: number, index: number) => {
    while (performance.now() - startMs < durationMs) {
      const session = sessionWith(port, index, counters);
      await session.get(CLOCK_TIME);
      await session.close();
      sessions++;
    }
  };
  await Promise.all(ports.map(loop));
  return sessions / ((performance.now() - startMs) / 1000);
}

/** What ciphered GETs over loopback TCP come to, in one association with each of the meters. */
export async function ciphered(
  ports: readonly number[],
  durationMs: number,
): Promise<{ readonly perSecond: number; readonly processorUs: number }> {
  const sessions = ports.map((port, index) => sessionWith(port, index, []));
  await Promise.all(sessions.map((session) => session.open()));
  let gets = 0;
  const startMs = performance.now();
  const before = process.cpuUsage();
  const loop = async (session: MeterSession) => {
    for (; performance.now() - startMs < durationMs; gets++) await session.get(CLOCK_TIME);
  };
  await Promise.all(sessions.map(loop));
  const { user, system } = process.cpuUsage(before);
  const tookS = (performance.now() - startMs) / 1000;
  await Promise.all(sessions.map((session) => session.close()));
  return { perSecond: gets / tookS, processorUs: (user + system) / gets };
}
