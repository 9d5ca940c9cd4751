import assert from "node:assert/strict";
import { leaf } from "../../../src/cli/erp-client.ts";
import { cosem } from "../../../src/dlms/data.ts";
import { fromHex } from "../../../src/lib/bytes.ts";
import { monitoring } from "../../e2e/matrix-case.ts";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "GetActualMeterReadsGas",
    service: "o",
    request: {},
    result: {
      time: { epochMs: Date.UTC(2026, 0, 9, 13, 30, 5) },
      consumption: { value: "1234.500", unit: "m³" },
      captureTime: { epochMs: Date.UTC(2026, 9, 25, 0, 30), deviationMinutes: -120, clockStatus: 0x80 },
    },
    response:
      "<LogTime>2026-01-09T13:30:05.000Z</LogTime><Consumption>1234.500</Consumption>" +
      "<CaptureTime>2026-10-25T02:30:00.000+02:00</CaptureTime>",
  },
  dlms: {
    expected: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
    matrix: {
      document: ({ gasMeter }) => monitoring("ActualMeterReadsGas", gasMeter),
      // In SMR 5 this is the volume of five minutes, and before the only one; read at the first 02:30 of two.
      arrange: (cell) => {
        cell.write("4/0.1.24.2.1.255/2", cosem.doubleLongUnsigned(4_294_967_290));
        cell.write("4/0.1.24.2.1.255/5", cosem.octetString(fromHex("07EA0A19FF021E0000FF8880")));
      },
      check: (answer, { meter }) => {
        assert.equal(leaf(answer, "Consumption"), "4294967.290", answer.xml);
        assert.match(answer.xml, /unit="M3"/);
        assert.equal(leaf(answer, "CaptureTime"), "2026-10-25T02:30:00.000+02:00");
        assert.ok(Date.parse(leaf(answer, "LogTime")!) <= meter.meter.nowMs());
      },
    },
  },
};
