import assert from "node:assert/strict";
import { cosem } from "../../../src/dlms/data.ts";
import { type Cell, monitoring, requireOk } from "../../e2e/matrix-case.ts";
import type { TestCase } from "../cases.ts";

const registersOf = (cell: Cell) =>
  [0, 1, 2].filter((e) => cell.has(`0.0.97.98.${e}.255`)).map((e) => `1/0.0.97.98.${e}.255/2`);

export const testCase: TestCase = {
  wire: {
    operation: "ClearAlarmRegister",
    service: "o",
    request: {},
    result: {},
    response: "<Result>OK</Result>",
  },
  dlms: {
    expected: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
    matrix: {
      document: ({ device }) => monitoring("ClearAlarmRegister", device),
      arrange: (cell) => {
        for (const register of registersOf(cell)) cell.write(register, cosem.doubleLongUnsigned(0xffff_ffff));
      },
      check: (answer, cell) => {
        requireOk(answer);
        for (const register of registersOf(cell)) assert.equal(cell.read(register), 0, register);
      },
    },
  },
  egauge: {
    content: "",
    arrange: ({ alerts }) => alerts.raise("pxydn", Date.UTC(2031, 0, 1)),
    check: (answer, { alerts }) => {
      assert.equal(answer("Result"), "OK");
      assert.deepEqual(alerts.waiting, []);
    },
  },
};
