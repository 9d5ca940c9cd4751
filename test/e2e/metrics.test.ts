import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { AttackWorld, about, METER } from "./attack-world.ts";
import { temporaryDirectory } from "./harness.ts";
import { pageText } from "./terminal.ts";

/** A line of the text format: name, labels, value. */
const LINE = /^(?<series>[a-z_]+(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+\})?) (?<value>-?\d[\d.e+-]*)$/;
const NEVER = "<com:ScheduleTime>4102444800000</com:ScheduleTime>";

describe("the admin port", () => {
  const directory = temporaryDirectory();
  const world = new AttackWorld();
  const token = "token-of-the-monitoring";
  before(async () => {
    const file = join(directory.path, "operators.json");
    const tokenOf = (text: string) => createHash("sha256").update(text).digest("hex");
    const operators = [
      { account: "monitoring", roles: ["look"], tokenSha256: tokenOf(token) },
      { account: "auditor", roles: ["audit"], tokenSha256: tokenOf("another") },
    ];
    writeFileSync(file, JSON.stringify({ operators }));
    await world.start({ METERGATE_ADMIN_PORT: "0", METERGATE_OPERATORS_FILE: file });
  });
  after(async () => {
    await world.stop();
    directory.remove();
  });

  const get = (shown: string | undefined, path = "/metrics") =>
    fetch(`http://127.0.0.1:${world.world.service.adminPort}${path}`, {
      headers: shown === undefined ? {} : { authorization: `Bearer ${shown}` },
    });

  /** Each series once, with its value. */
  async function metrics(): Promise<Map<string, number>> {
    const response = await get(token);
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    const found = new Map<string, number>();
    for (const line of (await response.text()).trimEnd().split("\n")) {
      if (line === "") continue;
      if (/^# (HELP|TYPE) [a-z_]+ \S/.test(line)) continue;
      const { series = "", value } = LINE.exec(line)?.groups ?? {};
      assert.ok(series !== "" && !found.has(series), line);
      found.set(series, Number(value));
    }
    return found;
  }

  it("tells whoever may look what was accepted, refused and run, what waits and for how long, and what ends when", async () => {
    const before = await metrics();
    const since = (after: Map<string, number>, series: string) => (after.get(series) ?? 0) - (before.get(series) ?? 0);
    const uid = await world.accept(about("test-org", METER));
    await world.result("test-org", METER, uid);
    await world.accept(about("test-org", METER, "GetFirmwareVersion", NEVER));
    await world.send(about("other-org", METER));
    await world.send(about("test-org", METER), { identity: world.revoked });
    const after = await metrics();
    assert.equal(since(after, 'metergate_accepted_total{operation="GetFirmwareVersion"}'), 2);
    assert.equal(since(after, 'metergate_refused_total{code="UNAUTHORIZED"}'), 1);
    assert.equal(since(after, 'metergate_refused_total{code="Server"}'), 1);
    assert.equal(since(after, 'metergate_runs_total{family="dlms",ending="succeeded"}'), 1);
    assert.equal(since(after, 'metergate_requests{place="later"}'), 1);
    assert.ok(after.get("metergate_oldest_request_age_seconds")! >= 0);
    assert.ok(since(after, 'metergate_store_call_seconds_count{port="requests"}') > 2);
    const bucket = after.get('metergate_store_call_seconds_bucket{le="+Inf",port="requests"}');
    assert.equal(bucket, after.get('metergate_store_call_seconds_count{port="requests"}'));
    assert.ok(after.get('metergate_message_log_entries{stage="sequenced"}')! >= 0);
    const days = (kind: string, name: string) => {
      const series = [...after.keys()].find((each) => each.includes(`{kind="${kind}",of="CN=${name}",serial="`));
      return after.get(series!)! / 86_400;
    };
    assert.ok(days("certificate", "localhost") > 89 && days("certificate", "localhost") < 90);
    assert.ok(days("certificate", "Test authority") > 89);
    assert.ok(days("revocation list", "Test authority") > 0.9 && days("revocation list", "Test authority") < 1);
  });

  it("is described in the manual, metric by metric", async () => {
    const text = await (await get(token)).text();
    const rows = [...pageText("docs/operators.md", "Metrics").matchAll(/^\| `(metergate_\w+)` \|/gm)];
    const told = [...text.matchAll(/^# TYPE (\S+)/gm)];
    assert.deepEqual(rows.map(([, name]) => name).sort(), told.map(([, name]) => name).sort());
  });

  it("tells nobody else, and nothing else", async () => {
    for (const shown of [undefined, "guess", "another"]) assert.equal((await get(shown)).status, 401);
    assert.equal((await get(token, "/")).status, 404);
  });
});
