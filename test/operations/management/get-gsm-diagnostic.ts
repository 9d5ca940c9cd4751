import assert from "node:assert/strict";
import { leaf } from "../../../src/cli/erp-client.ts";
import { cosem } from "../../../src/dlms/data.ts";
import { all, type Cell, management, requireOk } from "../../e2e/matrix-case.ts";
import type { TestCase } from "../cases.ts";

/** The modem of each version in the simulation: CDMA, GPRS or LTE, by group B of its diagnostic object. */
const modemOf = ({ version }: Cell) => (version === "SMR 4.3" ? 1 : ["SMR 5.2", "SMR 5.5"].includes(version) ? 2 : 0);

export const testCase: TestCase = {
  wire: {
    operation: "GetGsmDiagnostic",
    service: "m",
    content: "<$:GetGsmDiagnosticRequestData/>",
    request: {},
    result: {
      operator: "KPN NL",
      registration: "REGISTERED_ROAMING",
      circuitSwitched: "INACTIVE",
      packetSwitched: "LTE_CAT_M_18",
      cell: {
        cellId: 4_294_967_295,
        locationId: 65_535,
        signalDbm: -113,
        bitErrorRate: 99,
        mobileCountryCode: 204,
        mobileNetworkCode: 8,
        channelNumber: 107,
      },
      adjacentCells: [{ cellId: 93, signalDbm: -91 }, { cellId: 94 }, { cellId: 95, signalDbm: -51 }],
      captureTimeMs: Date.UTC(2026, 10, 25),
    },
    response:
      "<Result>OK</Result><GetGsmDiagnosticResponseData><Operator>KPN NL</Operator>" +
      "<ModemRegistrationStatus>REGISTERED_ROAMING</ModemRegistrationStatus><CircuitSwitchedStatus>INACTIVE</CircuitSwitchedStatus>" +
      "<PacketSwitchedStatus>LTE_CAT_M_18</PacketSwitchedStatus><CellInfo><CellId>4294967295</CellId><LocationId>65535</LocationId>" +
      "<SignalQuality>MINUS_113_DBM_OR_LESS</SignalQuality><BitErrorRate>99</BitErrorRate><MobileCountryCode>204</MobileCountryCode>" +
      "<MobileNetworkCode>8</MobileNetworkCode><ChannelNumber>107</ChannelNumber></CellInfo>" +
      "<AdjacentCells><CellId>93</CellId><SignalQuality>MINUS_91_DBM</SignalQuality></AdjacentCells>" +
      "<AdjacentCells><CellId>94</CellId><SignalQuality>NOT_KNOWN_OR_NOT_DETECTABLE</SignalQuality></AdjacentCells>" +
      "<AdjacentCells><CellId>95</CellId><SignalQuality>MINUS_51_DBM_OR_GREATER</SignalQuality></AdjacentCells>" +
      "<CaptureTime>2026-11-25T00:00:00.000Z</CaptureTime></GetGsmDiagnosticResponseData>",
  },
  dlms: {
    expected: [416, 416, "yes", "yes", "yes", "yes", "yes"],
    reason: "No address found for CDMA_DIAGNOSTIC in protocol VERSION",
    matrix: {
      document: ({ device }) => management("GetGsmDiagnostic", device, "<m:GetGsmDiagnosticRequestData/>"),
      // Without neighbours, which the schema does not foresee.
      arrange: (cell) => cell.write(`47/0.${modemOf(cell)}.25.6.0.255/7`, cosem.array([])),
      check: (answer, cell) => {
        requireOk(answer);
        const [, , , , packets, info] = [0, 0, 3, 4, 5, 6].map((attribute) =>
          attribute === 0 ? null : cell.read(`47/0.${modemOf(cell)}.25.6.0.255/${attribute}`),
        );
        const names = ["INACTIVE", "GPRS", "EDGE", "UMTS", "HSDPA", "LTE", "CDMA"];
        assert.equal(leaf(answer, "PacketSwitchedStatus"), names[packets as number]);
        assert.equal(leaf(answer, "ModemRegistrationStatus"), "REGISTERED_HOME_NETWORK");
        const [cellId, locationId, signal, errors, country, network, channel] = info as readonly number[];
        assert.deepEqual(all(answer, "CellId"), [String(cellId), "0"]);
        assert.deepEqual(all(answer, "SignalQuality"), [
          `MINUS_${113 - 2 * signal!}_DBM`,
          "NOT_KNOWN_OR_NOT_DETECTABLE",
        ]);
        const numbers = ["LocationId", "BitErrorRate", "MobileCountryCode", "MobileNetworkCode", "ChannelNumber"];
        assert.deepEqual(
          numbers.map((name) => leaf(answer, name)),
          [locationId, errors, country, network, channel].map(String),
        );
      },
    },
  },
};
