import assert from "node:assert/strict";
import { run as runCommand } from "../../src/cli/program.ts";
import { parseObis } from "../../src/lib/obis.ts";
import { Target } from "../notifications/target.ts";
import { run, sample, startWorld, type World } from "./harness.ts";

const METER = "TEST1052000000001";
const NAMED = "<com:ResponseUrl>URL</com:ResponseUrl></soapenv:Header>";

describe("notifications", () => {
  let world: World;
  let target: Target;
  before(async () => {
    world = await startWorld({ METERGATE_NOTIFY_RETRY_DELAY_MS: "20" });
  });
  after(() => world.stop());
  beforeEach(async () => {
    target = await Target.open();
  });
  afterEach(() => target.close());

  const command = async (...args: string[]) => {
    const lines: string[] = [];
    const surroundings = { out: (text: string) => void lines.push(text), err: (text: string) => void lines.push(text) };
    const env = { METERGATE_DATA_DIR: world.config.dataDir };
    const code = await runCommand(["notifications", ...args], { env, ...surroundings });
    return { code, text: lines.join("") };
  };
  const named = (url: string): [string, string] => ["</soapenv:Header>", NAMED.replace("URL", url)];
  const read = (...changes: [string, string][]) =>
    run(world.client, sample("GetFirmwareVersion", ["TEST1024000000001", METER], ...changes));

  it("tell the address of the application that its request, a bundle and an alarm are there to fetch", async () => {
    assert.equal((await command("set", "test-org", "ERP", target.url)).code, 0);
    await read();
    await run(world.client, sample("Bundle"));
    const push = { format: "smr5", trigger: parseObis("0.1.25.9.0.255"), alarmRegisters: [2, 1] } as const;
    const alarmPort = world.service.listeners["pushes of DLMS meters"]!;
    await world.meter(METER).push(undefined, push, { host: "127.0.0.1", port: alarmPort, transport: "tcp" });
    const told = await target.received(3);
    const types = ["GET_FIRMWARE_VERSION", "HANDLE_BUNDLED_ACTIONS", "PUSH_NOTIFICATION_ALARM"];
    assert.deepEqual(
      types.map((type) => told.find(({ NotificationType }) => NotificationType === type)?.result),
      ["OK", "OK", "OK"],
    );
    const [alarm] = await world.service.store.pushes.list(1);
    assert.ok(told.some(({ correlationUid }) => correlationUid === alarm?.correlationUid));
    assert.equal((await command("unset", "test-org", "ERP")).code, 0);
  });

  it("go to a ResponseUrl where the operator allows it, say why a request failed, and nowhere else", async () => {
    const elsewhere = await Target.open();
    assert.equal((await command("allow", "test-org", target.url)).code, 0);
    await read(named(elsewhere.url));
    const refused = sample("SynchronizeTime", ["Europe/Amsterdam", "Asia/Tokyo"], named(target.url));
    await run(world.client, refused);
    const [told] = await target.received(1);
    assert.deepEqual([told?.NotificationType, told?.result], ["SYNCHRONIZE_TIME", "NOT OK"]);
    assert.match(told?.message ?? "", /OTHER_REASON/);
    assert.equal(elsewhere.connections, 0);
    const { text } = await command("list");
    assert.match(text, /1 dead/);
    assert.match(text, new RegExp(`${elsewhere.url} is not within the allow-list of test-org`));
    // The operator thinks better of it.
    assert.equal((await command("allow", "test-org", elsewhere.url)).code, 0);
    assert.match((await command("replay")).text, /1 will be sent again/);
    assert.equal((await elsewhere.received(1))[0]?.NotificationType, "GET_FIRMWARE_VERSION");
    await elsewhere.close();
  });

  it("never reach an address of this machine through a name that is allowed", async () => {
    const url = `http://localhost:${target.port}/`;
    assert.equal((await command("allow", "test-org", url)).code, 0);
    await read(named(url));
    for (let dead = 0; dead === 0; ) dead = (await world.service.store.notifications.count()).dead;
    assert.equal(target.connections, 0);
    const [left] = await world.service.store.notifications.list("dead", 1);
    assert.match(left?.lastError ?? "", /^localhost:\d+ is at .*127\.0\.0\.1.*, where nothing may be sent to$/);
    assert.equal((await command("allow", "test-org", url, "--network", "127.0.0.0/8", "--network", "::1")).code, 0);
    assert.match((await command("replay")).text, /1 will be sent again/);
    await target.received(1);
  });

  it("are told once acknowledged, though the target refuses them before", async () => {
    let refusals = 0;
    target.answer = (_, response) => {
      if (++refusals === 2) target.answer = undefined;
      response.writeHead(503).end();
    };
    assert.equal((await command("allow", "test-org", target.url)).code, 0);
    await read(named(target.url));
    // After a third failure in a row the target would be left alone for a while.
    const told = await target.received(3);
    assert.equal(new Set(told.map(({ correlationUid }) => correlationUid)).size, 1);
    const { notifications } = world.service.store;
    while ((await notifications.count()).waiting > 0);
    assert.deepEqual(await notifications.count(), { waiting: 0, dead: 0 });
  });

  it("take commands only that make sense", async () => {
    assert.match((await command("set", "nobody", "ERP", target.url)).text, /There is no organisation nobody/);
    assert.match((await command("set", "test-org", "ERP", "ftp://erp.example/")).text, /no http:\/\/ or https:\/\//);
    assert.match((await command("allow", "test-org", target.url, "--network", "x")).text, /x is no network/);
    assert.match((await command("unset", "test-org", "Nothing")).text, /has no address/);
    assert.match((await command("allow", "test-org", "https://no.example/", "--remove")).text, /is not allowed/);
  });
});
