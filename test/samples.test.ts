import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { decodeDate, decodeDateTime, decodeTime } from "../src/dlms/date-time.ts";
import { fromHex } from "../src/lib/bytes.ts";
import { SERVICES } from "../src/soap/routes.ts";

const SAMPLES = new URL("../samples/", import.meta.url);
const DOCUMENTS = readdirSync(SAMPLES).filter((file) => file.endsWith(".xml"));
const DECODERS: Readonly<Record<number, (octets: Uint8Array) => object>> = {
  12: decodeDateTime,
  5: decodeDate,
  4: decodeTime,
};
/** Elements with a COSEM date-time, date or time as hexadecimal digits. */
const TIMES =
  /<[^<>]*:?(SeasonStart|StartTime|ActivatePassiveCalendarTime|DaylightSavingsBegin|DaylightSavingsEnd|specialDayDate)>([0-9A-F]+)</g;

describe("the samples", () => {
  it("have a document for every operation", () => {
    const named = new Set(DOCUMENTS.map((file) => file.split(".")[0]));
    const operations = SERVICES.flatMap(({ operations: all }) => all);
    const asked = operations.filter(({ kind, request }) => kind !== "fetch" || request === undefined);
    assert.deepEqual(
      asked.map(({ name }) => name).filter((name) => !named.has(name)),
      [],
    );
  });
});

describe("dates and times in the samples", () => {
  const found = DOCUMENTS.flatMap((file) =>
    [...readFileSync(new URL(file, SAMPLES), "utf8").matchAll(TIMES)].map(([, element, hex]) => [file, element, hex!]),
  );

  it("are ones that the library reads, with a distance to UTC that some zone has", () => {
    assert.ok(found.length > 5);
    for (const [file, element, hex] of found) {
      const octets = fromHex(hex!);
      const value = DECODERS[octets.length]!(octets) as { deviationMinutes?: number };
      const { deviationMinutes = 0 } = value;
      assert.equal(Math.abs(deviationMinutes % 15), 0, `${file}: ${element} ${hex}`);
    }
  });
});
