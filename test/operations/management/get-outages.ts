import assert from "node:assert/strict";
import { asElements, asNumber } from "../../../src/dlms/data.ts";
import { all, envelope } from "../../e2e/matrix-case.ts";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "GetOutages",
    service: "m",
    request: {},
    result: {
      outages: [{ endMs: Date.UTC(2026, 0, 9), durationSeconds: 4_294_967_295 }, { endMs: Date.UTC(2026, 0, 10) }],
    },
    response:
      "<Result>OK</Result><Outages><endTime>2026-01-09T00:00:00.000Z</endTime><duration>4294967295</duration></Outages>" +
      "<Outages><endTime>2026-01-10T00:00:00.000Z</endTime></Outages>",
  },
  dlms: {
    expected: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
    matrix: {
      document: ({ device }) =>
        envelope(
          '<b:BundleRequest xmlns:b="http://www.opensmartgridplatform.org/schemas/smartmetering/sm-bundle/2014/10">' +
            `<b:DeviceIdentification>${device}</b:DeviceIdentification><b:Actions><b:GetOutagesRequest/></b:Actions></b:BundleRequest>`,
        ),
      check: (answer, cell) => {
        const held = asElements(cell.data("7/1.0.99.97.0.255/2")).map((row) => asNumber(asElements(row)[1]!));
        assert.equal(held.length, 10);
        assert.deepEqual(all(answer, "duration"), held.map(String));
      },
    },
  },
};
