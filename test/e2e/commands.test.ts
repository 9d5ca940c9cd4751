import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../../src/cli/program.ts";
import { nextTurn } from "../../src/lib/clock.ts";
import { cutConnection } from "../../src/simulators/dlms/behaviours.ts";
import { sample, startWorld, type World } from "./harness.ts";

const METER = "TEST1024000000001";
const UID = /^test-org\|\|\|TEST1024000000001\|\|\|\d{17}\|\|\|[0-9a-f-]{36}$/;
const request = fileURLToPath(new URL("../../samples/GetFirmwareVersion.xml", import.meta.url));

describe("commands beside a running service", () => {
  const hangsUp = cutConnection(1, "before-effect");
  let world: World;
  beforeEach(async () => {
    world = await startWorld({ METERGATE_RETRY_DELAY_MS: "3600000" });
  });
  afterEach(() => world.stop());

  async function metergate(...args: string[]): Promise<{ code: number; lines: string[] }> {
    let text = "";
    const out = (more: string) => {
      text += more;
    };
    const code = await run(args, { env: { METERGATE_DATA_DIR: world.config.dataDir }, out, err: out });
    return { code, lines: text.trimEnd().split("\n") };
  }

  it("send a document, print its correlation UID, and then the answer with an element per line", async () => {
    const { code, lines } = await metergate("send", request, "--wait", "--url", world.service.baseUrl);
    assert.equal(code, 0);
    assert.match(lines[0] ?? "", UID);
    assert.equal(lines[5], "      <sm-configuration:Result>OK</sm-configuration:Result>");
    assert.equal(lines.at(-1), "</SOAP-ENV:Envelope>");
    const shown = await metergate("devices", "show", METER);
    assert.equal(shown.code, 0);
    assert.match(shown.lines.join("\n"), /next invocation counter: \d+\n(.*\n)+ACTIVE_FIRMWARE +M57 4836 +20/);
  });

  it("print a refusal as it came, and end with 1", async () => {
    const file = join(world.config.dataDir, "refused.xml");
    writeFileSync(file, sample("GetFirmwareVersion", [METER, "TEST0000000000000"]));
    const { code, lines } = await metergate("send", file, "--url", world.service.baseUrl);
    assert.equal(code, 1);
    assert.ok(lines.includes("          <com:Code>201</com:Code>"), lines.join("\n"));
  });

  it("print a device's invocation counter, raise it, and never lower it", async () => {
    assert.deepEqual(await metergate("devices", "counter", METER), { code: 0, lines: ["not known yet"] });
    assert.deepEqual(await metergate("devices", "counter", METER, "--raise", "70000"), { code: 0, lines: ["70000"] });
    const lower = await metergate("devices", "counter", METER, "--raise", "69999");
    assert.equal(lower.code, 1);
    assert.match(lower.lines.join(), /69999, lower than 70000/);
    assert.equal((await metergate("devices", "counter", "TEST0000000000000")).code, 1);
  });

  it("list what hangs, with its error and correlation UID, in 120 columns", async () => {
    world.meter(METER).behaviours.add(hangsUp);
    const { lines: sent } = await metergate(
      "send",
      request,
      "--wait",
      "--timeout",
      "2",
      "--url",
      world.service.baseUrl,
    );
    assert.equal(sent[1], "no result after 2 s; fetch it later with the correlation UID");
    const { requests } = world.service.store;
    while ((await requests.countUnfinished()).later === 0) await nextTurn();
    const { code, lines } = await metergate("requests", "list");
    assert.equal(code, 0);
    assert.equal(lines[0], "0 running, 0 ready, 0 behind another of their device, 1 due later");
    assert.match(lines[1] ?? "", /^accepted +operation +device +place +attempt +last error$/);
    assert.match(
      lines[2] ?? "",
      /^2\S+Z {2}GetFirmwareVersion {2}TEST1024000000001 {2}later +1 +SOCKET_CLOSED_BY_REMOTE$/,
    );
    assert.match(lines[3] ?? "", /^ {2}Device TEST1024000000001 at 127\.0\.0\.1 port \d+: /);
    assert.equal(lines[4], `  ${sent[0]}`);
    assert.ok(lines.every((line) => line.length <= 120));
  });

  it("list what failed and show how, attempt by attempt", async () => {
    assert.deepEqual(await metergate("requests", "list", "--failed"), { code: 0, lines: ["no request failed"] });
    const { lines: good } = await metergate("send", request, "--wait", "--url", world.service.baseUrl);
    const done = await metergate("requests", "show", good[0]!);
    assert.deepEqual(
      [done.lines[0], done.lines.at(-1)],
      [`GetFirmwareVersion for ${METER}: succeeded`, "action 1: done"],
    );
    world.meter(METER).behaviours.add(hangsUp);
    const file = join(world.config.dataDir, "no-retry.xml");
    const bypass = "<com:BypassRetry>true</com:BypassRetry></soapenv:Header>";
    writeFileSync(file, sample("GetFirmwareVersion", ["</soapenv:Header>", bypass]));
    const { lines: sent } = await metergate("send", file, "--wait", "--url", world.service.baseUrl);
    const uid = sent[0]!;
    const { lines } = await metergate("requests", "list", "--failed");
    assert.match(lines[0]!, /^ended +operation +device +attempt +error$/);
    assert.match(lines[1]!, /^2\S+Z {2}GetFirmwareVersion {2}TEST1024000000001 {2}1 +SOCKET_CLOSED_BY_REMOTE$/);
    assert.equal(lines.at(-1), `  ${uid}`);
    const shown = await metergate("requests", "show", uid);
    assert.equal(shown.code, 0);
    assert.equal(shown.lines[0], `GetFirmwareVersion for ${METER}: failed`);
    assert.equal(shown.lines[1], "asked by test-org, user demo, application ERP");
    assert.match(shown.lines.join("\n"), /\nattempt 1 2\S+Z for \d+ ms: failed\n {2}SOCKET_CLOSED_BY_REMOTE: /);
    assert.match(shown.lines.join("\n"), /\nended 2\S+Z\n {2}SOCKET_CLOSED_BY_REMOTE: /);
    assert.equal((await metergate("requests", "show", "nobody's")).code, 1);
  });
});
