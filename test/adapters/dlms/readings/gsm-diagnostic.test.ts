import assert from "node:assert/strict";
import { decodeGsmDiagnostic } from "../../../../src/adapters/dlms/readings/gsm-diagnostic.ts";
import { SIMPLE_TYPES } from "../../../../src/contract/generated/tables.ts";
import { type CosemData, cosem } from "../../../../src/dlms/data.ts";

const CELL = cosem.structure([
  cosem.doubleLongUnsigned(4_294_967_295),
  cosem.longUnsigned(65_535),
  cosem.unsigned(16),
  cosem.unsigned(7),
  cosem.longUnsigned(204),
  cosem.longUnsigned(8),
  cosem.doubleLongUnsigned(6300),
]);
const adjacent = (signal: number) => cosem.structure([cosem.doubleLongUnsigned(77), cosem.unsigned(signal)]);

function read(states: readonly [number, number, number], cell: CosemData = CELL, ...signals: number[]) {
  const [a, b, c] = states;
  const operator = cosem.octetString(new Uint8Array(Buffer.from("KPN")));
  return decodeGsmDiagnostic([
    operator,
    cosem.enum(a),
    cosem.enum(b),
    cosem.enum(c),
    cell,
    cosem.array(signals.map(adjacent)),
  ]);
}

describe("what a meter tells of its mobile network", () => {
  it("is operator, states, cell and adjacent cells", () => {
    assert.deepEqual(read([1, 0, 5], CELL, 0, 31, 99, 50), {
      operator: "KPN",
      registration: "REGISTERED_HOME_NETWORK",
      circuitSwitched: "INACTIVE",
      packetSwitched: "LTE",
      cell: {
        cellId: 4_294_967_295,
        locationId: 65_535,
        signalDbm: -81,
        bitErrorRate: 7,
        mobileCountryCode: 204,
        mobileNetworkCode: 8,
        channelNumber: 6300,
      },
      adjacentCells: [-113, -51, undefined, undefined].map((signalDbm) => ({ cellId: 77, signalDbm })),
    });
  });

  it("has the contract's states in the order of their numbers, and those beyond as reserved", () => {
    const all = Array.from({ length: 256 }, (_, i) => read([i, i, i]));
    for (const [key, type] of [
      ["registration", "sm-management:ModemRegistrationStatus"],
      ["circuitSwitched", "sm-management:CircuitSwitchedStatus"],
      ["packetSwitched", "sm-management:PacketSwitchedStatus"],
    ] as const) {
      assert.deepEqual([...new Set(all.map((one) => one[key]))], SIMPLE_TYPES[type]!.enumeration);
    }
  });

  it("is refused in another shape", () => {
    for (const cell of [cosem.structure([]), cosem.nullData()]) {
      assert.throws(() => read([0, 0, 0], cell), { code: "remote/unexpected-type" });
    }
  });
});
