import { draftLeaf, LEAF_VERSION, type Leaf, SALT_LENGTH } from "../../src/domain/log-leaf.ts";
import { concatBytes } from "../../src/lib/bytes.ts";
import type { Clock } from "../../src/lib/clock.ts";
import type { NewLogEntry } from "../../src/store/message-log.ts";
import type { Store } from "../../src/store/store.ts";
import { describeAgreements } from "./agreements-conformance.ts";
import { describeDevices } from "./devices-conformance.ts";
import { describeLeases } from "./leases-conformance.ts";
import { describeMessageLog } from "./message-log-conformance.ts";
import { describeOrganisations } from "./organisations-conformance.ts";
import { describePermits } from "./permits-conformance.ts";
import { describeClaiming } from "./requests-claiming-conformance.ts";
import { describeRequests } from "./requests-conformance.ts";
import { describeSettling } from "./requests-settling-conformance.ts";
import { describeRest } from "./rest-conformance.ts";
import { describeSecrets } from "./secrets-conformance.ts";

/** Opens an empty store whose time is that of the clock. */
export type OpenStore = (clock: Clock) => Promise<Store>;

/** @param members in place of those that it has otherwise */
export function newLogEntry(text: string, members: Partial<Leaf> = {}): NewLogEntry {
  const stored = Buffer.from(text);
  const who = { organisation: "Utility", user: "clerk", application: "ERP", device: "E1", correlationUid: "uid" };
  const what = { service: "adhoc", operation: "SynchronizeTime", direction: "in" as const, timeMs: 1000 };
  const leaf = { version: LEAF_VERSION, class: "message" as const, ...who, ...what, redactions: 0, bodyHash: "" };
  const salt = new Uint8Array(SALT_LENGTH).fill(stored.length);
  return { leaf: draftLeaf({ ...leaf, ...members }), salted: concatBytes(salt, stored) };
}

/** How many entries the log has, those that were not in sequence put there. */
export async function logSize({ messageLog }: Store): Promise<number> {
  while ((await messageLog.sequence(100)) > 0);
  return messageLog.size();
}

/** What every store does, whichever database it is over. */
export function describeStore(name: string, open: OpenStore): void {
  describeRequests(name, open);
  describeClaiming(name, open);
  describeSettling(name, open);
  describeMessageLog(name, open);
  describeDevices(name, open);
  describeOrganisations(name, open);
  describeSecrets(name, open);
  describeRest(name, open);
  describeAgreements(name, open);
  describePermits(name, open);
  describeLeases(name, async (clock) => {
    const store = await open(clock);
    return { leases: store.leases, close: () => store.close() };
  });
}
