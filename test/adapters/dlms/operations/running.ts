import { DlmsAdapter } from "../../../../src/adapters/dlms/adapter.ts";
import type { CosemData } from "../../../../src/dlms/data.ts";
import type { ServiceRequest } from "../../../../src/dlms/services.ts";
import type { AdapterRun } from "../../../../src/domain/adapter.ts";
import type { Device } from "../../../../src/domain/device.ts";
import type { Action, ActionOutcome } from "../../../../src/domain/request.ts";
import { ManualClock } from "../../../../src/lib/clock.ts";
import { parseObis } from "../../../../src/lib/obis.ts";
import { systemRandom } from "../../../../src/lib/random.ts";
import type { KnownOperation, OperationRequest, OperationResult } from "../../../../src/operations/registry.ts";
import type { Meter } from "../../../../src/simulators/dlms/meter.ts";
import { createMeter } from "../../../../src/simulators/dlms/meter-options.ts";
import { serve } from "../../../../src/simulators/dlms/meter-services.ts";
import { quietRun } from "../../quiet-run.ts";
import {
  keysAtRest,
  TestCounters,
  type TestDevice,
  TestMessages,
  TestRecords,
  TestSecrets,
  testDevice,
} from "../devices.ts";
import {
  type Answer,
  AUTHENTICATION_KEY,
  ENCRYPTION_KEY,
  PASSWORD,
  type ServedMeter,
  type ServedMeterOptions,
  serveMeter,
} from "../meter-server.ts";
import { TIMEOUTS } from "../session-fixture.ts";

/** 15 July 2026, 10:00 UTC: daylight saving in Amsterdam. */
export const NOW_MS = Date.UTC(2026, 6, 15, 10, 0, 0);

/** A "no" that a test wants: which attribute or method, and the answer. */
export type Refusal = (request: ServiceRequest) => Answer | undefined;

/** A simulated meter of one version behind a port, and the adapter that talks to it. */
export class Running {
  readonly meter: Meter;
  readonly served: ServedMeter;
  readonly device: Device;
  readonly records = new TestRecords();
  readonly messages = new TestMessages();
  readonly counters = new TestCounters();
  readonly clock = new ManualClock(NOW_MS);
  readonly adapter: DlmsAdapter;

  constructor(meter: Meter, served: ServedMeter, device: Device) {
    this.meter = meter;
    this.served = served;
    this.device = device;
    this.adapter = new DlmsAdapter({
      keys: keysAtRest(
        new TestSecrets({
          E_METER_ENCRYPTION_KEY_UNICAST: ENCRYPTION_KEY,
          E_METER_AUTHENTICATION_KEY: AUTHENTICATION_KEY,
          LLS_PASSWORD: PASSWORD,
        }),
      ),
      counters: this.counters,
      records: this.records,
      messages: this.messages,
      firmware: {
        find: async () => undefined,
        transfer: async () => undefined,
        saveTransfer: async () => {},
        endTransfer: async () => {},
      },
      clock: this.clock,
      random: systemRandom,
      timeouts: TIMEOUTS,
    });
  }

  /** Runs actions and gives the outcome of each; null for one that was not reported. */
  async outcomes(actions: readonly Action[], run: Partial<AdapterRun> = {}): Promise<(ActionOutcome | null)[]> {
    const outcomes: (ActionOutcome | null)[] = actions.map(() => null);
    await this.adapter.run({
      ...quietRun(),
      correlationUid: "uid",
      caller: { organisation: "org", userName: "user", applicationName: "app" },
      target: this.device,
      device: this.device,
      actions,
      findDevice: async () => undefined,
      isAuthorised: async () => true,
      finished: outcomes,
      report: async (position, outcome) => {
        outcomes[position] = outcome;
      },
      ...run,
    });
    return outcomes;
  }

  /** Runs one operation and gives its result, or code and text of its failure. */
  async run<N extends KnownOperation>(
    operation: N,
    request: OperationRequest<N>,
    run: Partial<AdapterRun> = {},
  ): Promise<OperationResult<N> | string> {
    const [outcome] = await this.outcomes([{ operation, request }], run);
    if (!outcome) return "not reported";
    return outcome.ok ? (outcome.result as OperationResult<N>) : `${outcome.error.code}: ${outcome.error.message}`;
  }

  /** What the meter holds, whatever clients may read. */
  value(classId: number, logicalName: string, attribute: number): CosemData {
    return this.meter.read(classId, parseObis(logicalName), attribute);
  }

  /** Attributes and methods that were asked for, as `get 8/0.0.1.0.0.255/2`. */
  get asked(): string[] {
    return this.served.requests.flatMap((request) => {
      switch (request.type) {
        case "get":
        case "set":
          return request.attributes.map((a) => `${request.type} ${a.classId}/${a.logicalName}/${a.attribute}`);
        case "action":
          return request.methods.map((m) => `action ${m.classId}/${m.logicalName}/m${m.method}`);
        default:
          return [request.type];
      }
    });
  }

  close(): Promise<void> {
    return this.served.close();
  }
}

function answerFrom(meter: Meter, request: ServiceRequest): Answer {
  return serve(meter, request, "all") ?? { refuse: [2, 2] };
}

/**
 * Starts a simulated meter.
 * @param protocol such as `SMR 5.1`
 * @param nowMs the meter's time
 */
export async function startMeter(
  protocol: string,
  refusal: Refusal = () => undefined,
  device: TestDevice = {},
  association: ServedMeterOptions["association"] = {},
  nowMs = NOW_MS,
): Promise<Running> {
  const isLls1 = protocol === "DSMR 2.2";
  const meter = createMeter({
    profile: protocol.toLowerCase().replace(" ", ""),
    clock: new ManualClock(nowMs),
    keys: { encryptionUnicast: ENCRYPTION_KEY, authentication: AUTHENTICATION_KEY },
  });
  const served = await serveMeter({
    security: isLls1 ? "lls" : "hls5",
    association,
    answer: (request) => refusal(request) ?? answerFrom(meter, request),
  });
  const security = isLls1 ? { lls1Active: true } : { hls5Active: true };
  return new Running(
    meter,
    served,
    testDevice({ protocol, security, ...device, address: { port: served.port, ...device.address } }),
  );
}

/** A refusal of writes to one attribute, `8/0.0.1.0.0.255/2`. */
export const refuseSet =
  (address: string): Refusal =>
  (request) =>
    request.type === "set" && request.attributes.some((a) => `${a.classId}/${a.logicalName}/${a.attribute}` === address)
      ? { type: "set", results: request.attributes.map(() => "read-write-denied" as const) }
      : undefined;

/** A refusal of reads of one attribute. */
export const refuseGet =
  (address: string): Refusal =>
  (request) =>
    request.type === "get" && request.attributes.some((a) => `${a.classId}/${a.logicalName}/${a.attribute}` === address)
      ? { type: "get", results: request.attributes.map(() => ({ error: "object-unavailable" as const })) }
      : undefined;

/** A refusal of one method. */
export const refuseAction =
  (address: string): Refusal =>
  (request) =>
    request.type === "action" && request.methods.some((m) => `${m.classId}/${m.logicalName}/m${m.method}` === address)
      ? { type: "action", results: [{ result: "temporary-failure" }] }
      : undefined;
