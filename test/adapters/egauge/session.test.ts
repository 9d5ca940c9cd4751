import assert from "node:assert/strict";
import { FACTORY_PASSWORD } from "../../../src/simulators/egauge/state.ts";
import { OneMeter } from "./one-meter.ts";

const READ = ["ReadRegisters", { names: [] }] as const;
const CLEAR = ["ClearData", { data: "web_cache" }] as const;

describe("a conversation with an eGauge meter", () => {
  let world: OneMeter;
  beforeEach(async () => {
    world = await OneMeter.open();
  });
  afterEach(() => world.close());

  /** The error of a run that broke. */
  const broken = async (operation: string, request: object) => {
    const once = world.request(operation, request);
    await assert.rejects(once.run(), (error: { code: string; message: string }) => {
      assert.ok(!error.message.includes(FACTORY_PASSWORD), error.message);
      Object.assign(thrown, error, { message: error.message });
      return true;
    });
    return thrown;
  };
  const thrown = { code: "", message: "" };

  it("begins with one login, and goes on with its token in later runs", async () => {
    for (let i = 0; i < 3; i++) assert.ok((await world.do(...READ)).ok);
    assert.deepEqual(world.requests.slice(0, 3), ["GET /auth/unauthorized", "POST /auth/login", "GET /register"]);
    assert.equal(world.meter.authentication.logins, 1);
  });

  it("logs in again when the meter forgot the token, with the nonce of the refusal, and asks again", async () => {
    await world.do(...READ);
    world.meter.behave({ kind: "forgets-tokens", times: 1 });
    world.requests.length = 0;
    assert.ok((await world.do(...CLEAR)).ok);
    assert.deepEqual(world.requests, ["POST /cmd/clear", "POST /auth/login", "POST /cmd/clear"]);
    assert.deepEqual(world.meter.executed, ["clear"]);
  });

  it("takes a fresh nonce when the first one was too old", async () => {
    world.meter.behave({ kind: "stale-nonce", times: 1 });
    assert.ok((await world.do(...READ)).ok);
  });

  it("renews a token before it ends", async () => {
    world.meter.behave({ kind: "token-life", seconds: 0.05 });
    await world.do(...READ);
    await new Promise((resolve) => setTimeout(resolve, 45));
    world.requests.length = 0;
    await world.do(...READ);
    assert.ok(world.requests.includes("POST /auth/login"));
    assert.equal(world.requests.filter((each) => each === "GET /register").length, 1);
  });

  it("fails with a password that the meter does not take, after two tries and no more", async () => {
    world.meter.state.reset("another");
    const { code, message } = await broken(...READ);
    assert.equal(code, "AUTHENTICATION_ERROR");
    assert.match(message, /^127\.0\.0\.1 does not let owner in: Invalid username or password\.$/);
    assert.equal(world.requests.filter((each) => each === "POST /auth/login").length, 2);
  });

  it("tells a missing right from a missing login", async () => {
    world.meter.behave({ kind: "no-save" });
    const outcome = await world.do(...CLEAR);
    assert.deepEqual(outcome, {
      ok: false,
      error: { code: "DEVICE_REFUSED", message: "the meter refused: its user owner has no right to this" },
    });
  });

  it("says so when the firmware has no such command, and goes on", async () => {
    world.meter.behave({ kind: "lacks", path: "/cmd/clear" });
    assert.deepEqual(await world.do(...CLEAR), {
      ok: false,
      error: {
        code: "OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL",
        message: "the firmware of 127.0.0.1 has no /cmd/clear",
      },
    });
    assert.ok((await world.do(...READ)).ok);
  });

  it("tells what the meter says no with", async () => {
    const outcome = await world.do("ActivateService", { service: "alert", provider: "Nobody" });
    assert.deepEqual(outcome, {
      ok: false,
      error: { code: "DEVICE_REFUSED", message: "the meter refused: Unknown provider." },
    });
  });

  for (const [kind, code] of [
    ["bad-gateway", "CONNECTION_ERROR"],
    ["no-json", "ILLEGAL_RESPONSE"],
    ["endless", "ILLEGAL_RESPONSE"],
    ["cut-before", "SOCKET_CLOSED_BY_REMOTE"],
  ] as const) {
    it(`breaks with ${code} on a meter that is ${kind}, and is tried again`, async () => {
      world.meter.behave({ kind, path: "/register", times: 1 });
      assert.equal((await broken(...READ)).code, code);
      assert.ok((await world.do(...READ)).ok);
    });
  }

  it("is kept while the meter is debugged, without what is secret in it", async () => {
    world.debugging = true;
    const [password, deviceKey] = ["power-line", "ABCD-EFGH"].map((text) => Buffer.from(text).toString("hex"));
    await world.do("SetHomeplugPassword", { password, targets: [{ macAddress: "01:23:45:67:89:ab", deviceKey }] });
    await world.do("TestEmail", { address: "a@b.example", password: Buffer.from("mail-secret").toString("hex") });
    await world.do("GenerateAndReplaceKeys");
    const text = world.kept.join("\n");
    assert.match(text, /to-device POST \/cmd\/homeplug {"action":"setpwd","password":"\*\*\*","targets":"\*\*\*"}/);
    assert.match(text, /from-device 200 {"result":{"done":true,/);
    const { hash } = world.meter.state.users.get("owner")!;
    for (const secret of ["power-line", "ABCD-EFGH", "mail-secret", hash, "eyJ"])
      assert.ok(!text.includes(secret), text);
    assert.doesNotMatch(text, /[0-9a-f]{32}/);
  });

  it("has a meter that reboots tell when it is back, with a new login", async () => {
    await world.do(...READ);
    const outcome = await world.do("Reboot", { allowAddressChange: false });
    assert.ok(outcome.ok, JSON.stringify(outcome));
    assert.equal(world.meter.authentication.logins, 2);
  });

  it("does not reboot into another address unless that is allowed", async () => {
    await world.do("ConfigureWlan", { action: "select", networkId: 0, hidden: false, keyIsHex: false });
    const refused = await world.do("Reboot", { allowAddressChange: false });
    assert.ok(!refused.ok && refused.error.code === "VALIDATION_ERROR");
    assert.match(refused.error.message, /AllowAddressChange/);
    assert.ok((await world.do("Reboot", { allowAddressChange: true })).ok);
  });
});

describe("long commands of eGauge meters", () => {
  let world: OneMeter;
  beforeEach(async () => {
    world = await OneMeter.open();
  });
  afterEach(() => world.close());
  const MAIL = ["TestEmail", { address: "a@b.example" }] as const;

  it("tell how far they are", async () => {
    world.meter.behave({ kind: "slow-operations", times: 20 });
    await world.do(...MAIL);
    assert.ok(world.progress.length > 1);
    assert.deepEqual([world.progress.at(-1), world.progress.every((share) => share >= 0 && share <= 100)], [100, true]);
  });

  it("fail with the meter's tag and what belongs to it", async () => {
    world.meter.behave({ kind: "failing-operations", tag: "OOM" });
    const failed = await world.do(...MAIL);
    assert.deepEqual(failed, { ok: false, error: { code: "DEVICE_REFUSED", message: "the command failed: OOM" } });
    world.meter.behaveWell();
    const old = { action: "install", target: "fw", force: false, version: "4.1.0" };
    const outcome = await world.do("UpdateSoftware", old);
    assert.ok(!outcome.ok && outcome.error.message === "the command failed: NOT_NEWER (4.6.1, 4.1.0)");
  });

  it("leave their outcome open when the meter does not know them any more", async () => {
    world.meter.behave({ kind: "evaporating-operations" });
    const outcome = await world.do(...MAIL);
    assert.ok(!outcome.ok && outcome.error.code === "OUTCOME_UNKNOWN", JSON.stringify(outcome));
  });

  it("are cancelled by the request that had the meter do them, and it tells so", async () => {
    world.meter.behave({ kind: "slow-operations", times: 1000 });
    const mail = world.request(...MAIL);
    const ended = mail.end();
    while (!(mail.note && "token" in mail.note)) await new Promise((resolve) => setTimeout(resolve, 5));
    const cancel = world.request("CancelCommand", { correlationUid: "that" }, async () => mail.note);
    assert.deepEqual(await cancel.end(), { ok: true, result: {} });
    assert.deepEqual(await ended, {
      ok: false,
      error: { code: "DEVICE_REFUSED", message: "the command failed: CANCELLED" },
    });
  });

  it("cannot be cancelled where nothing was noted", async () => {
    const outcome = await world.do("CancelCommand", { correlationUid: "that" });
    assert.ok(!outcome.ok && outcome.error.code === "VALIDATION_ERROR");
  });

  it("are given back to the queue when they take long, go on with their token, and are cancelled after an hour", async () => {
    const slow = await OneMeter.open({ operation: 0.2 }, true);
    try {
      const mail = slow.request(...MAIL);
      assert.ok((await mail.end()).ok);
      assert.ok(mail.attempts > 1, "it kept its place");
      assert.deepEqual(slow.meter.executed, ["test-email"]);
      slow.meter.behave({ kind: "slow-operations", times: 1_000_000 });
      const endless = await slow.do(...MAIL);
      assert.ok(!endless.ok && /was cancelled$/.test(endless.error.message), JSON.stringify(endless));
      assert.deepEqual(slow.meter.operations.running, []);
    } finally {
      await slow.close();
    }
  });

  it("take a number for a version", async () => {
    world.meter.behave({ kind: "number-version" });
    const outcome = await world.do("UpdateSoftware", { action: "list", target: "fw", force: false });
    assert.deepEqual(outcome, { ok: true, result: { newest: "4.7.2", minimum: "4.4" } });
  });
});
