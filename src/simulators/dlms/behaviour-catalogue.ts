import {
  ACTION_RESULTS,
  type ActionResult,
  CONFORMANCE_BITS,
  type ConformanceBit,
  DATA_ACCESS_RESULTS,
  type DataAccessResult,
} from "../../dlms/apdu.ts";
import { type ObisCode, parseObis } from "../../lib/obis.ts";
import type { Behaviour } from "./behaviour.ts";
import * as behaviours from "./behaviours.ts";
import { SimulatorError } from "./errors.ts";
import * as hostile from "./hostile-behaviours.ts";
import * as profiles from "./profile-behaviours.ts";

/** Reads the parameters of a behaviour; each reader names what is wrong. */
class Parameters {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  number(name: string, lowest: number, highest: number, otherwise?: number): number {
    const value = this.#values[name] ?? otherwise;
    if (typeof value === "number" && value >= lowest && value <= highest) return value;
    throw invalid(`${name} is a number from ${lowest} to ${highest}`);
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  oneOf<T extends string>(name: string, allowed: readonly T[], otherwise?: T): T {
    const value = this.#values[name] ?? otherwise;
    const found = allowed.find((word) => word === value);
    if (found !== undefined) return found;
    throw invalid(`${name} is one of ${allowed.join(", ")}`);
  }

  someOf<T extends string>(name: string, allowed: readonly T[]): T[] {
    const values = this.#values[name];
    const found = Array.isArray(values) ? values.map((value) => allowed.find((word) => word === value)) : [undefined];
    if (found.every((word) => word !== undefined)) return found;
    throw invalid(`${name} is a list of ${allowed.join(", ")}`);
  }

  logicalName(): ObisCode {
    const value = this.#values.logicalName;
    try {
      if (typeof value === "string") return parseObis(value);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
    throw invalid("logicalName is six numbers with dots between");
  }
}

const LONGEST_MS = 86_400_000;
const MOST_APDUS = 1_000_000;
const LARGEST_PDU = 65_535;
const failures = (results: Readonly<Record<string, number>>) =>
  Object.keys(results).filter((name) => name !== "success");

/** Behaviours by name, and how their parameters are read; see docs/simulator.md. */
const CATALOGUE: ReadonlyMap<string, (given: Parameters) => Behaviour> = new Map<
  string,
  (given: Parameters) => Behaviour
>([
  ["late", (given) => behaviours.late(given.number("ms", 0, LONGEST_MS))],
  ["slow-accept", (given) => behaviours.slowAccept(given.number("ms", 0, LONGEST_MS))],
  ["silent", (given) => behaviours.silent(given.number("from", 1, MOST_APDUS, 1))],
  ["deaf", (given) => behaviours.deaf(given.number("from", 1, MOST_APDUS, 1))],
  [
    "refused-attribute",
    (given) =>
      behaviours.refusedAttribute(
        {
          classId: given.number("classId", 0, 65_535),
          logicalName: given.logicalName(),
          attribute: given.number("attribute", 0, 127),
        },
        given.oneOf("result", failures(DATA_ACCESS_RESULTS)) as Exclude<DataAccessResult, "success">,
      ),
  ],
  [
    "refused-method",
    (given) =>
      behaviours.refusedMethod(
        {
          classId: given.number("classId", 0, 65_535),
          logicalName: given.logicalName(),
          method: given.number("method", 1, 127),
        },
        given.oneOf("result", failures(ACTION_RESULTS)) as Exclude<ActionResult, "success">,
        given.has("times") ? given.number("times", 1, MOST_APDUS) : undefined,
      ),
  ],
  [
    "cut-connection",
    (given) =>
      behaviours.cutConnection(
        given.number("number", 1, MOST_APDUS, 1),
        given.oneOf("when", ["before-effect", "after-effect", "after-answer"], "before-effect"),
      ),
  ],
  ["wrong-tag", () => behaviours.wrongTag()],
  ["replayed-counter", (given) => behaviours.replayedCounter(given.number("counter", 0, 0xffff_ffff, 0))],
  ["accepts-any-counter", () => behaviours.acceptsAnyCounter()],
  ["restarts-counter", () => behaviours.restartsCounter()],
  [
    "low-counter",
    (given) =>
      behaviours.lowCounter(
        given.oneOf("answer", ["expected-counter", "silence", "deciphering-error", "rejection", "cut"]),
      ),
  ],
  ["small-pdu", (given) => behaviours.smallPdu(given.number("octets", 64, LARGEST_PDU))],
  ["truncated", (given) => behaviours.truncated(given.number("octets", 1, LARGEST_PDU, 1))],
  ["wrong-release-length", () => behaviours.wrongReleaseLength()],
  ["exception-on-release", () => behaviours.exceptionOnRelease()],
  ["closes-on-release", () => behaviours.closesOnRelease()],
  ["one-client-at-a-time", () => behaviours.oneClientAtATime()],
  ["stays-associated", (given) => behaviours.staysAssociated(given.number("ms", 0, LONGEST_MS))],
  ["action-without-return-octet", () => behaviours.actionWithoutReturnOctet()],
  ["nonsense", () => behaviours.nonsense()],
  ["denies-unknown-objects", () => behaviours.deniesUnknownObjects()],
  ["short-challenges-only", (given) => behaviours.shortChallengesOnly(given.number("most", 8, 64, 63))],
  ["names-protocol-version", () => behaviours.namesProtocolVersion()],
  ["in-pieces", (given) => behaviours.inPieces(given.number("octets", 1, LARGEST_PDU, 1))],
  [
    "grants-only",
    (given) => hostile.grantsOnly(...given.someOf("services", Object.keys(CONFORMANCE_BITS) as ConformanceBit[])),
  ],
  ["initiate-error", (given) => hostile.initiateError(given.number("value", 0, 4, 1))],
  ["other-context", () => hostile.otherContext()],
  ["lies-about-counter", (given) => hostile.liesAboutCounter(given.number("counter", 0, 0xffff_ffff, 0xffff_ffff))],
  ["floods", (given) => hostile.floods(given.number("count", 1, MOST_APDUS, 1_000))],
  ["endless-blocks", (given) => hostile.endlessBlocks(given.number("octets", 0, 100, 1))],
  ["profile-empty", () => profiles.profileEmpty()],
  ["profile-gaps", (given) => profiles.profileGaps(given.number("every", 2, MOST_APDUS, 4))],
  ["profile-null-data", () => profiles.profileNullData()],
  ["profile-backwards", () => profiles.profileBackwards()],
  ["profile-compact-array", () => profiles.profileCompactArray()],
  ["bare-times", () => profiles.bareTimes()],
  ["no-selective-access", () => profiles.noSelectiveAccess()],
  [
    "refused-column",
    (given) =>
      profiles.refusedColumn({
        classId: given.number("classId", 0, 65_535),
        logicalName: given.logicalName(),
        attribute: given.number("attribute", 0, 127),
      }),
  ],
  [
    "image-transfer",
    (given) =>
      behaviours.imageTransfer({
        ...(given.has("blockLoss") && { blockLoss: given.number("blockLoss", 0, 1) }),
        ...(given.has("verificationMs") && { verificationMs: given.number("verificationMs", 0, LONGEST_MS) }),
        ...(given.has("activationMs") && { activationMs: given.number("activationMs", 0, LONGEST_MS) }),
      }),
  ],
]);

/** Names that `behaviourFromJson` knows. */
export const BEHAVIOUR_NAMES: readonly string[] = [...CATALOGUE.keys()];

/**
 * Makes a behaviour from `{ "name": …, parameters }`.
 * @throws SimulatorError `simulator/invalid-option` when there is no such behaviour or a parameter is out of its range
 */
export function behaviourFromJson(json: unknown): Behaviour {
  const given = (typeof json === "object" && json !== null ? json : {}) as Readonly<Record<string, unknown>>;
  const make = CATALOGUE.get(String(given.name));
  if (!make) throw invalid(`name is one of ${BEHAVIOUR_NAMES.join(", ")}`);
  return make(new Parameters(given));
}

function invalid(rule: string): SimulatorError {
  return new SimulatorError("simulator/invalid-option", `behaviour: ${rule}`);
}
