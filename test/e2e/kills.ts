import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEMO_METERS, demoDevicesFile } from "../../src/cli/demo-fleet.ts";
import { type Accepted, ErpClient, ErpClientError } from "../../src/cli/erp-client.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { startFleet } from "../../src/simulators/dlms/fleet.ts";
import type { Target } from "../notifications/target.ts";
import { OtherConnection } from "../store/temporary-store.ts";
import { result, sample, temporaryDirectory } from "./harness.ts";
import { NodeProcess } from "./node-process.ts";

/** The service as a process of its own that can be killed and started again on the same data. */
export function killableService(dataDir: string, more: Readonly<Record<string, string>> = {}): NodeProcess {
  return new NodeProcess({
    METERGATE_DATA_DIR: dataDir,
    // A machine that is busy with something else for a second or two takes no lease away.
    METERGATE_LEASE_MS: "3000",
    METERGATE_RETRY_DELAY_MS: "50",
    METERGATE_MAX_RETRIES: "20",
    METERGATE_VALIDATE_RESPONSES: "true",
    METERGATE_NOTIFY_RETRY_DELAY_MS: "50",
    ...more,
  });
}

/** Waits until an ERP was told of all these requests. */
async function untilToldOf(target: Target, uids: ReadonlySet<string>): Promise<void> {
  for (;;) {
    const told = await target.received(target.messages.length);
    const missing = new Set(uids);
    for (const { correlationUid } of told) missing.delete(correlationUid);
    if (missing.size === 0) return;
    await target.received(told.length + 1);
  }
}

/**
 * Kills the service again and again, at random moments while callers send requests, and requires that every request
 * which it acknowledged ends in exactly one result.
 * @param target an ERP that must be told of each of them
 */
export async function requireOneResultEach({
  requests,
  kills: count,
  target,
}: {
  requests: number;
  kills: number;
  target?: Target;
}) {
  const directory = temporaryDirectory();
  const service = killableService(directory.path);
  const fleet = await startFleet(DEMO_METERS);
  try {
    const file = join(directory.path, "devices.json");
    writeFileSync(file, demoDevicesFile(fleet.meters));
    await service.command("devices", "import", file);
    if (target) await service.command("notifications", "set", "test-org", "ERP", target.url);
    const devices = fleet.meters.map(({ identification }) => identification);
    const document = (n: number) => sample("GetFirmwareVersion", ["TEST1024000000001", devices[n % devices.length]!]);
    const acknowledged: Accepted[] = [];
    let sent = 0;
    // Random moments, one in each share of the requests, so that all kills fall into the run.
    const kills = Array.from({ length: count }, (_, share) =>
      Math.floor(((share + Math.random()) * requests) / (count + 1)),
    );
    let restarted = service.start();

    const sender = async () => {
      while (acknowledged.length < requests) {
        await restarted;
        try {
          const answer = await new ErpClient(service.baseUrl, systemClock).send(document(sent++));
          if (!("fault" in answer)) acknowledged.push(answer);
          if (kills.length === 0 || acknowledged.length < kills[0]!) continue;
          kills.shift();
          restarted = restarted.then(() => service.end()).then(() => service.start());
        } catch (error) {
          // The service was killed before it answered: whatever it did, no correlation UID was received.
          assert.ok(error instanceof ErpClientError, String(error));
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, sender));
    assert.deepEqual(kills, []);

    const client = new ErpClient(service.baseUrl, systemClock);
    const uids = new Set<string>();
    for (const request of acknowledged) {
      await result(client, request);
      uids.add(request.correlationUid);
    }
    assert.ok(acknowledged.length >= requests);
    assert.equal(uids.size, acknowledged.length);

    if (target) await untilToldOf(target, uids);

    await service.end();
    const sql = new OtherConnection(directory.path);
    const rows = sql.rows<{ correlation_uid: string; state: string; outcomes: number }>(
      `select correlation_uid, state, count(request_action.position) as outcomes
       from request left join request_action on request_action.request_id = request.id group by request.id`,
    );
    sql.close();
    const stored = new Map(rows.map((row) => [row.correlation_uid, row]));
    for (const uid of uids) {
      assert.deepEqual(stored.get(uid), { correlation_uid: uid, state: "succeeded", outcomes: 1 });
    }
  } finally {
    await service.end();
    await fleet.close();
    directory.remove();
  }
}
