import type { Store } from "./store.ts";

/** The aggregates that have a port. */
export type Aggregate = {
  [Name in keyof Store]: Store[Name] extends (...values: never[]) => unknown ? never : Name;
}[keyof Store];

/** What every method does to the database. Reads go on while writes wait for another process. */
export const METHODS = {
  requests: {
    accept: "write",
    claim: "write",
    report: "write",
    note: "write",
    noted: "read",
    settle: "write",
    extendLease: "write",
    reschedule: "write",
    leases: "read",
    findRunning: "read",
    countReady: "read",
    countWaiting: "read",
    find: "read",
    summary: "read",
    outcomes: "read",
    attempts: "read",
    deleteFinished: "write",
    purge: "write",
    countUnfinished: "read",
    listUnfinished: "read",
    listFailed: "read",
  },
  messageLog: {
    append: "write",
    sequence: "write",
    integrate: "write",
    positions: "read",
    read: "read",
    leaves: "read",
    find: "read",
    ofDevice: "read",
    countOfDevice: "read",
    size: "read",
    tiles: "read",
    putCheckpoint: "write",
    checkpoints: "read",
    checkpointUpTo: "read",
    erase: "write",
    putHold: "write",
    removeHold: "write",
    holds: "read",
  },
  devices: {
    version: "read",
    find: "read",
    findByMbusIdentity: "read",
    findBySystemTitle: "read",
    replace: "write",
    behind: "read",
    knownOrganisations: "read",
    knownDevices: "read",
    list: "read",
    count: "read",
    countAll: "read",
    import: "write",
    invocationCounter: "read",
    counterState: "read",
    replaceCounterState: "write",
    addToInvocationCounter: "write",
    raiseInvocationCounter: "write",
    startKeyProcessing: "write",
    endKeyProcessing: "write",
    putFirmwareVersions: "write",
    firmwareVersions: "read",
    findApplicationKey: "read",
    putApplicationKey: "write",
  },
  organisations: { find: "read", list: "read", add: "write", replace: "write", grant: "write", revoke: "write" },
  secrets: {
    read: "write",
    formerly: "read",
    typesIn: "read",
    insertNew: "write",
    broughtBy: "read",
    insertActive: "write",
    activate: "write",
    reads: "read",
    kekIds: "read",
    notWrappedBy: "read",
    rewrap: "write",
  },
  firmware: {
    put: "write",
    find: "read",
    list: "read",
    transfer: "read",
    transfers: "read",
    saveTransfer: "write",
    endTransfer: "write",
  },
  pushes: {
    keep: "write",
    find: "read",
    list: "read",
    purge: "write",
    countUnknown: "write",
    listUnknown: "read",
  },
  notifications: {
    setAddress: "write",
    removeAddress: "write",
    addresses: "read",
    allow: "write",
    disallow: "write",
    allowed: "read",
    due: "read",
    settle: "write",
    count: "read",
    list: "read",
    replay: "write",
    purge: "write",
  },
  systemEvents: { keepNew: "write", find: "read", list: "read", purge: "write" },
  reports: { keep: "write", find: "read", purge: "write" },
  agreements: { agree: "write", change: "write" },
  replays: { remember: "write" },
  permits: { take: "write", give: "write" },
  leases: { acquire: "write", extend: "write", release: "write" },
} as const satisfies { [A in Aggregate]: Record<keyof Store[A], "read" | "write"> };

/**
 * Writes that need no row which another one of them has left for later. What requests on their way need is among them, so
 * however they come mixed their rows go into the database together.
 */
const MIXING: Partial<Record<Aggregate, readonly string[]>> = {
  requests: ["accept", "report", "settle"],
  messageLog: ["append"],
  devices: ["addToInvocationCounter", "putFirmwareVersions"],
  secrets: ["read"],
};

/** Whether what one call leaves for later may still be left when the other one runs. */
export function mayMix(one: Call, other: Call): boolean {
  if (one.aggregate === other.aggregate && one.method === other.method) return true;
  return [one, other].every(({ aggregate, method }) => MIXING[aggregate]?.includes(method));
}

/** When calls were made; see `Connection`. */
export interface CallTime {
  readonly nowMs: number;
  readonly steadyMs: number;
}

/** One call of a method, as it goes to the thread of the database. */
export interface Call {
  readonly id: number;
  readonly aggregate: Aggregate;
  readonly method: string;
  readonly values: readonly unknown[];
}

/** Why a call failed, as it comes back from there. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

export type Reply = { readonly id: number } & ({ readonly result: unknown } | { readonly failure: Failure });
