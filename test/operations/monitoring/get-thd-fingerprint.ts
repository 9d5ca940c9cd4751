import assert from "node:assert/strict";
import { leaf } from "../../../src/cli/erp-client.ts";
import { cosem } from "../../../src/dlms/data.ts";
import { all, monitoring, requireOk } from "../../e2e/matrix-case.ts";
import type { TestCase } from "../cases.ts";

const PHASES = [1, 2, 3] as const;
const harmonics = (phase: number) => Array.from({ length: 15 }, (_, i) => 1000 * phase + i);
const [l1 = [], l2 = []] = [1, 2].map(harmonics);
const values = (list: readonly number[]) => list.map((one) => `<FingerprintValue>${one}</FingerprintValue>`).join("");

export const testCase: TestCase = {
  wire: {
    operation: "GetThdFingerprint",
    service: "o",
    request: {},
    result: {
      phases: [
        { current: 3, fingerprint: l1, overLimitCounter: 7 },
        { current: 4, fingerprint: l2, overLimitCounter: 65_535 },
      ],
    },
    response:
      "<Result>OK</Result><ThdFingerprint><ThdInstantaneousCurrentL1>3</ThdInstantaneousCurrentL1>" +
      "<ThdInstantaneousCurrentL2>4</ThdInstantaneousCurrentL2>" +
      `<ThdInstantaneousCurrentFingerprintL1>${values(l1)}</ThdInstantaneousCurrentFingerprintL1>` +
      `<ThdInstantaneousCurrentFingerprintL2>${values(l2)}</ThdInstantaneousCurrentFingerprintL2>` +
      "<ThdCurrentOverLimitCounterL1>7</ThdCurrentOverLimitCounterL1>" +
      "<ThdCurrentOverLimitCounterL2>65535</ThdCurrentOverLimitCounterL2></ThdFingerprint>",
  },
  dlms: {
    expected: [416, 416, 416, 416, 416, "yes", "yes"],
    reason: "No address found for THD_CURRENT_L1 in protocol VERSION",
    matrix: {
      document: ({ device }) => monitoring("GetThdFingerprint", device),
      arrange: (cell) => {
        for (const phase of PHASES) {
          const c = 11 + 20 * phase;
          cell.write(`3/1.0.${c}.7.124.255/2`, cosem.longUnsigned(phase));
          cell.write(`3/1.0.${c}.36.124.255/2`, cosem.longUnsigned(100 + phase));
          const fingerprint = cosem.array(harmonics(phase).map((value) => cosem.longUnsigned(value)));
          cell.write(`1/0.1.94.31.${23 + phase}.255/2`, fingerprint);
        }
      },
      check: (answer) => {
        requireOk(answer);
        for (const phase of PHASES) {
          assert.equal(leaf(answer, `ThdInstantaneousCurrentL${phase}`), String(phase));
          assert.equal(leaf(answer, `ThdCurrentOverLimitCounterL${phase}`), String(100 + phase));
        }
        assert.deepEqual(all(answer, "FingerprintValue"), PHASES.flatMap(harmonics).map(String));
      },
    },
  },
};
