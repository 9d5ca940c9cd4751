import assert from "node:assert/strict";
import { decodeOutages } from "../../../../src/adapters/dlms/readings/outages.ts";
import { cosem } from "../../../../src/dlms/data.ts";
import { fromHex } from "../../../../src/lib/bytes.ts";

describe("the log of power failures", () => {
  it("tells when each ended and how long it was", () => {
    const entry = (time: string, seconds: number) =>
      cosem.structure([cosem.octetString(fromHex(time)), cosem.doubleLongUnsigned(seconds)]);
    const outages = decodeOutages(
      [
        entry("07EA0A1907021E0000FF8880", 300),
        entry("FFFFFFFFFFFFFFFFFF8000FF", 5),
        entry("07EA0A1907021E0000FFC400", 4_294_967_295),
      ],
      "Europe/Amsterdam",
    );
    assert.deepEqual(
      outages.map(({ end, durationSeconds }) => [new Date(end.epochMs).toISOString(), durationSeconds]),
      [
        ["2026-10-25T00:30:00.000Z", 300],
        ["2026-10-25T01:30:00.000Z", 4_294_967_295],
      ],
    );
    assert.throws(() => decodeOutages([cosem.structure([])], "UTC"), { code: "remote/unexpected-type" });
  });
});
