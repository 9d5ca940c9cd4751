import { readdirSync } from "node:fs";
import type { SimulatedEgauge } from "../../src/simulators/egauge/meter.ts";
import type { SimulatedEkmMeter } from "../../src/simulators/ekm/meter.ts";
import type { SimulatedGateway } from "../../src/simulators/smart-energy/gateway.ts";
import type { MatrixCase } from "../e2e/matrix-case.ts";
import type { Row } from "../e2e/matrix-expectations.ts";
import type { OperationCase } from "../soap/operation-cases.ts";

/** What an operation brings for the tests that every operation has to pass. */
export interface TestCase {
  readonly wire: OperationCase;
  /** On DLMS meters of each version. */
  readonly dlms?: {
    readonly expected: Row;
    /** What the inner message of a 416 says; VERSION stands for protocol and version. */
    readonly reason?: string;
    readonly matrix: MatrixCase;
  };
  /** On EKM meters of each version. */
  readonly ekm?: EkmCase;
  /** On gateways of Smart Energy, of each release. */
  readonly smartEnergy?: SmartEnergyCase;
  /** On eGauge meters. */
  readonly egauge?: EgaugeCase;
}

export interface SmartEnergyCase {
  /** For 1.3, 1.4 and 1.5. */
  readonly expected: readonly ["yes" | "416", "yes" | "416", "yes" | "416"];
  /** Content of the request element after DeviceIdentification; `$` stands for the service's prefix. */
  readonly content: string;
  /** Brings the gateway into the state that the operation needs. */
  arrange?(gateway: SimulatedGateway): void;
  /**
   * @param answer gives the texts of the elements of the response with a name
   */
  check(answer: (name: string) => readonly string[], gateway: SimulatedGateway): void;
}

export interface EgaugeCase {
  /**
   * Content of the request element after DeviceIdentification; `$` stands for the service's prefix.
   * @param seal seals a secret for the platform
   */
  readonly content: string | ((seal: (secret: string) => string) => string);
  /** Brings the meter into the state that the operation needs. */
  arrange?(meter: SimulatedEgauge): void;
  /**
   * @param answer gives the text of the first element of the response with a name
   * @param answers gives those of all of them
   */
  check(
    answer: (name: string) => string | undefined,
    meter: SimulatedEgauge,
    answers: (name: string) => readonly string[],
  ): void;
}

export interface EkmCase {
  /** For v3, v4 and v5. */
  readonly expected: readonly ["yes" | "416", "yes" | "416", "yes" | "416"];
  /**
   * Content of the request element after DeviceIdentification; `$` stands for the service's prefix.
   * @param seal seals a secret for the platform
   */
  readonly content: string | ((seal: (secret: string) => string) => string);
  /** @param answer gives the text of the first element of the response with a name */
  check(answer: (name: string) => string | undefined, meter: SimulatedEkmMeter): void;
}

/** The cases of the operations that have a file of their own: `<service area>/<operation>.ts` in this folder. */
export const TEST_CASES: ReadonlyMap<string, TestCase> = await load(new URL("./", import.meta.url));

async function load(folder: URL): Promise<Map<string, TestCase>> {
  const areas = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const files = areas.flatMap(({ name }) => readdirSync(new URL(`${name}/`, folder)).map((file) => `${name}/${file}`));
  const modules = await Promise.all(files.map((file) => import(new URL(file, folder).href)));
  return new Map(modules.map(({ testCase }: { testCase: TestCase }) => [testCase.wire.operation, testCase]));
}

/** One part of the cases, by operation. */
export function broughtWith<T>(part: (testCase: TestCase) => T | undefined): Record<string, T> {
  const parts = [...TEST_CASES].map(([operation, testCase]): [string, T | undefined] => [operation, part(testCase)]);
  return Object.fromEntries(parts.filter((entry): entry is [string, T] => entry[1] !== undefined));
}
