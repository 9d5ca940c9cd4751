import type { OperationContext } from "../../src/adapters/dlms/execution.ts";
import { EXECUTIONS } from "../../src/adapters/dlms/operations/index.ts";
import { findProfile } from "../../src/adapters/dlms/profiles/index.ts";
import { RowStream } from "../../src/adapters/dlms/readings/row-stream.ts";
import { encodeElement } from "../../src/contract/codec.ts";
import { WIRE_FORMS } from "../../src/contract/operations/index.ts";
import { type CosemData, cosem } from "../../src/dlms/data.ts";
import { encodeData } from "../../src/dlms/data-codec.ts";
import { dateTimeFromEpochMs, encodeDateTime } from "../../src/dlms/date-time.ts";
import { parseObis } from "../../src/lib/obis.ts";

/** Octets of a block of the buffer: what an APDU of 1024 octets has room for. */
const BLOCK_OCTETS = 1_000;
const QUARTER_MS = 900_000;
const TIME_ZONE = "Europe/Amsterdam";
const BEGIN_MS = Date.UTC(2026, 0, 15);
const COLUMNS = [
  [8, "0.0.1.0.0.255"],
  [1, "0.0.96.10.2.255"],
  [3, "1.0.1.8.0.255"],
  [3, "1.0.2.8.0.255"],
] as const;

/** The blocks in which a meter sends so many quarter-hours: time, status and two registers each. */
function blocksOf(rows: number): Uint8Array[] {
  const buffer = cosem.array(
    Array.from({ length: rows }, (_, i) =>
      cosem.structure([
        cosem.octetString(encodeDateTime(dateTimeFromEpochMs(BEGIN_MS + i * QUARTER_MS, TIME_ZONE))),
        cosem.unsigned(0),
        cosem.doubleLongUnsigned(12_345_678 + 100 * i),
        cosem.doubleLongUnsigned(2_222_222 + 23 * i),
      ]),
    ),
  );
  const octets = encodeData(buffer);
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < octets.length; at += BLOCK_OCTETS) blocks.push(octets.subarray(at, at + BLOCK_OCTETS));
  return blocks;
}

/** What an operation has of a meter, without the meter. */
function contextOf(blocks: readonly Uint8Array[]): OperationContext {
  const objects = cosem.array(
    COLUMNS.map(([classId, name]) =>
      cosem.structure([
        cosem.longUnsigned(classId),
        cosem.logicalName(parseObis(name)),
        cosem.integer(2),
        cosem.longUnsigned(0),
      ]),
    ),
  );
  const scale = cosem.structure([cosem.integer(0), cosem.enum(30)]);
  const meter = {
    getList: async () => [{ data: objects }, { data: cosem.doubleLongUnsigned(900) }, { data: cosem.enum(1) }],
    getAll: async (attributes: readonly unknown[]) => attributes.map(() => scale),
    readEntries: async (_: unknown, take: (entry: CosemData) => void) => {
      const stream = new RowStream();
      for (const block of blocks) for (const entry of stream.push(block)) take(entry);
      for (const entry of stream.finish()) take(entry);
      return undefined;
    },
  };
  const profile = findProfile({ name: "SMR", version: "5.2" });
  return { meter, profile, device: { timezone: TIME_ZONE } } as unknown as OperationContext;
}

/**
 * Profile values per second of processor time, from the octets of the meter's blocks to the XML of the response, for one
 * after the other of such profiles.
 * @param rows quarter-hours of a profile: 96 a day
 */
export async function profileValuesPerSecond(rows: number, durationMs: number): Promise<number> {
  const context = contextOf(blocksOf(rows));
  const execution = EXECUTIONS.get("GetPeriodicMeterReads")!;
  const form = WIRE_FORMS.get("GetPeriodicMeterReads") as { toResponse(result: unknown): object };
  const request = { periodType: "INTERVAL", beginMs: BEGIN_MS, endMs: BEGIN_MS + rows * QUARTER_MS };
  const once = async () => {
    const result = JSON.parse(JSON.stringify(await execution.run(context, request)));
    return encodeElement("sm-monitoring:PeriodicMeterReadsResponse", form.toResponse(result) as never).length;
  };
  for (let i = 0; i < 20_000 / rows; i++) await once();
  let count = 0;
  const startMs = performance.now();
  const before = process.cpuUsage();
  for (; performance.now() - startMs < durationMs; count++) await once();
  const { user, system } = process.cpuUsage(before);
  return (count * rows * COLUMNS.length) / ((user + system) / 1_000_000);
}
