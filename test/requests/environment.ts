import type { DlmsDevice } from "../../src/adapters/dlms/device.ts";
import { routeTo } from "../../src/adapters/dlms/route.ts";
import type { Device } from "../../src/domain/device.ts";
import type { Action, OperationName, RequestedOperation } from "../../src/domain/request.ts";
import { ManualClock } from "../../src/lib/clock.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { MessageLog } from "../../src/message-log/message-log.ts";
import { Acceptance, type AcceptInput } from "../../src/requests/accept.ts";
import { RequestQueue } from "../../src/requests/queue.ts";
import { QueueLimit } from "../../src/requests/queue-limit.ts";
import { Results } from "../../src/requests/results.ts";
import { DEFAULT_RETRY_POLICY } from "../../src/requests/settle.ts";
import type { Store } from "../../src/store/store.ts";
import { openTemporaryStore } from "../store/temporary-store.ts";

export const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
export const CALLER = { organisation: "Utility", userName: "clerk", applicationName: "ERP" };

const MBUS = { identificationNumber: "12345678", manufacturerIdentification: "ABC", version: 1, deviceType: 3 };

export function device(identification: string, fields: Partial<DlmsDevice> = {}): Device {
  const protocol = { name: "SMR", version: "5.2" };
  return { identification, family: "dlms", protocol, timezone: "Europe/Amsterdam", ...fields };
}

/** Electricity meters E1 to E9, the gas meter G1 behind E1, and gas meters that are coupled wrongly or not at all. */
export function devices(): Map<string, Device> {
  const electricity = Array.from({ length: 9 }, (_, i) => device(`E${i + 1}`));
  const gas = [
    device("G1", { mbus: MBUS, gateway: { device: "E1", channel: 1 } }),
    device("G2", { mbus: MBUS }),
    device("G3", { mbus: MBUS, gateway: { device: "G1", channel: 1 } }),
    device("G4", { mbus: MBUS, gateway: { device: "GONE", channel: 1 } }),
  ];
  return new Map([...electricity, ...gas].map((each) => [each.identification, each]));
}

export const SYNCHRONIZE: Action = { operation: "SynchronizeTime", request: { timeZone: "Europe/Amsterdam" } };
export const READ_ALL: Action = { operation: "GetAllAttributeValues", request: {} };

export interface Environment extends Awaited<ReturnType<typeof openEnvironment>> {}

/** Everything between SOAP and the worker, over a store of its own and a clock that stands still. */
export async function openEnvironment() {
  const clock = new ManualClock(NOW_MS);
  const store = await openTemporaryStore(clock);
  const log = new MessageLog(store.messageLog, clock);
  const known = devices();
  const unauthorised = new Set<string>();
  const unsupported = new Set<OperationName>();
  let accepted = 0;
  store.onWake(() => {
    accepted += 1;
  });
  const acceptanceOver = ({ requests, messageLog }: Pick<Store, "requests" | "messageLog">, mostWaiting = 1_000_000) =>
    new Acceptance({
      checks: {
        findOrganisation: async (identification) =>
          identification === "Stranger" ? undefined : { identification, enabled: identification !== "Disabled" },
        findDevice: async (identification) => known.get(identification),
        route: (device, operation) => routeTo(device, operation, async (identification) => known.get(identification)),
        isAuthorised: async (organisation, identification, operation) =>
          !unauthorised.has(`${organisation} ${identification} ${operation}`),
        whyUnsupported: (target, device, operation) =>
          unsupported.has(operation)
            ? `no ${operation} for ${target.identification} through ${device.identification}`
            : undefined,
      },
      requests,
      queueLimit: new QueueLimit(requests, clock, mostWaiting),
      log: new MessageLog(messageLog, clock),
      clock,
      random: systemRandom,
    });
  return {
    store,
    clock,
    log,
    known,
    /** Entries like `Utility E1 SynchronizeTime` that are not allowed. */
    unauthorised,
    unsupported,
    acceptance: acceptanceOver(store),
    acceptanceOver,
    results: new Results(store.requests, log),
    queue: new RequestQueue(store.requests, clock, DEFAULT_RETRY_POLICY),
    accepted: () => accepted,
    close: () => store.close(),
  };
}

export function input(fields: Partial<AcceptInput> = {}): AcceptInput {
  const actions = fields.actions ?? [SYNCHRONIZE];
  const operation: RequestedOperation = fields.operation ?? actions[0]!.operation;
  return {
    caller: CALLER,
    scheduling: { priority: 4, bypassRetry: false },
    device: "E1",
    message: { service: "adhoc", bytes: Buffer.from("<request/>") },
    respond: (correlationUid) => Buffer.from(`<answer>${correlationUid}</answer>`),
    ...fields,
    operation,
    actions,
  };
}
