import assert from "node:assert/strict";
import { cosem } from "../../../src/dlms/data.ts";
import { all, monitoring } from "../../e2e/matrix-case.ts";
import type { TestCase } from "../cases.ts";

/** Group E of each register, what it is arranged to hold, and the alarms that this is; bits 5 and 31 stand for none. */
const REGISTERS = [
  [0, 0x1000_0022, ["REPLACE_BATTERY", "PHASE_OUTAGE_DETECTED_L1"]],
  [1, 0x8000_0101, ["VOLTAGE_SAG_IN_PHASE_DETECTED_L1", "THD_OVERLIMIT_IN_PHASE_L1"]],
  [2, 0x0000_0003, ["LAST_GASP", "LAST_GASP_TEST"]],
] as const;

export const testCase: TestCase = {
  wire: {
    operation: "ReadAlarmRegister",
    service: "o",
    request: {},
    result: { alarms: ["CLOCK_INVALID", "UNHEARD_OF", "LAST_GASP"] },
    response: "<AlarmTypes>CLOCK_INVALID</AlarmTypes><AlarmTypes>LAST_GASP</AlarmTypes>",
  },
  dlms: {
    expected: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
    matrix: {
      document: ({ device }) => monitoring("ReadAlarmRegister", device),
      arrange: (cell) => {
        for (const [e, bits] of REGISTERS) {
          if (cell.has(`0.0.97.98.${e}.255`)) cell.write(`1/0.0.97.98.${e}.255/2`, cosem.doubleLongUnsigned(bits));
        }
      },
      check: (answer, cell) => {
        const there = REGISTERS.filter(([e]) => cell.has(`0.0.97.98.${e}.255`));
        assert.equal(there.length, cell.version === "SMR 5.5" ? 3 : cell.version === "SMR 5.2" ? 2 : 1);
        assert.deepEqual(
          all(answer, "AlarmTypes"),
          there.flatMap(([, , alarms]) => alarms),
        );
      },
    },
  },
  egauge: {
    content: "",
    arrange: ({ alerts }) => {
      alerts.raise("cfgchg", Date.UTC(2031, 0, 1));
      alerts.raise("pxydn", Date.UTC(2031, 0, 1));
    },
    check: (_, __, answers) => {
      assert.deepEqual(answers("AlarmTypes"), ["AUXILIARY_EVENT", "CONFIGURATION_CHANGED"]);
    },
  },
};
