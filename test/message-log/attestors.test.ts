import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run as runCommand } from "../../src/cli/program.ts";
import { LogKeys } from "../../src/devices/log-keys.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { cosignedBy, type Post, sentTo, stampedBy } from "../../src/message-log/attestors.ts";
import { parseCheckpoint } from "../../src/message-log/checkpoint.ts";
import { formatVerifierKey, signatureOf } from "../../src/message-log/note.ts";
import { type Attestor, Publisher } from "../../src/message-log/publisher.ts";
import { growLog } from "../../src/message-log/sequencer.ts";
import { witnessSigner } from "../../src/message-log/signer.ts";
import { Witness, type WitnessMemory } from "../../src/message-log/witness.ts";
import { BundleWorld, SIGNER, TRUST, told, verify } from "./bundle-world.ts";

describe("whoever attests checkpoints", () => {
  let world: BundleWorld;

  beforeEach(async () => {
    world = await BundleWorld.open();
  });

  afterEach(() => world.close());

  /** Publishes with attestors, and gives what they refused. */
  async function publish(attestors: readonly Attestor[], name = "log"): Promise<string[]> {
    await growLog(world.store.messageLog);
    const refused: string[] = [];
    const parts = { log: world.store.messageLog, directory: join(world.directory, name), signers: () => [SIGNER] };
    const onRefused = (_name: string, error: unknown) => refused.push((error as Error).message);
    await new Publisher({ ...parts, attestors, clock: world.clock, random: systemRandom, onRefused }).publish();
    return refused;
  }

  function newWitness() {
    const kept = new Map<string, string>();
    const memory: WitnessMemory = {
      last: (origin) => kept.get(origin),
      keep: async (origin, note) => void kept.set(origin, note),
    };
    const signer = witnessSigner("witness.example", new Uint8Array(32).fill(5), () => 1_700_000_000_000);
    const witness = new Witness([SIGNER.key], signer, memory);
    const sent: string[] = [];
    const post: Post = async (url, body) => {
      sent.push(url);
      const { status, body: text } = await witness.add(Buffer.from(body).toString());
      return { status, body: Buffer.from(text) };
    };
    return { key: signer.key, post, sent };
  }

  it("as a witness cosign what grew, also when nobody knows what they have seen", async () => {
    const { key, post, sent } = newWitness();
    const address = { url: "http://witness.example/", key: formatVerifierKey(key) };
    const cosigning = () => cosignedBy(address, world.store.messageLog, post);
    await world.append(300);
    const first = cosigning();
    assert.deepEqual(await publish([first]), []);
    await world.append(10);
    assert.deepEqual(await publish([first]), []);
    await world.append(10);
    // The process was started anew.
    assert.deepEqual(await publish([cosigning()]), []);
    assert.deepEqual([sent.length, sent[0]], [4, "http://witness.example/add-checkpoint"]);
    const note = readFileSync(join(world.directory, "log", "checkpoint"), "utf8");
    assert.ok(signatureOf(parseCheckpoint(note).note, key));
    assert.deepEqual(told(verify(await world.export(), { ...TRUST, witnesses: [key] })), []);
  });

  it("may be out of order, and the checkpoint is published without them", async () => {
    await world.append(3);
    const gone: Post = async () => {
      throw new RangeError("connection refused");
    };
    const confused: Post = async () => ({ status: 200, body: Buffer.from("hello") });
    const { key } = newWitness();
    const witness = { url: "http://w", key: formatVerifierKey(key) };
    const refused = await publish([
      cosignedBy(witness, world.store.messageLog, gone),
      cosignedBy(witness, world.store.messageLog, confused),
      sentTo("http://elsewhere", async () => ({ status: 404, body: Buffer.of() })),
      stampedBy("http://tsa", world.clock, systemRandom, confused),
    ]);
    assert.deepEqual(refused, [
      "connection refused",
      "the note has no empty line before its signatures",
      "it answered with status 404",
      "it gave no timestamp of the checkpoint, status 200",
    ]);
    assert.deepEqual(told(verify(await world.export())), []);
  });

  it("as an authority stamp a checkpoint with a time that openssl verifies, once an hour", async () => {
    const folder = join(world.directory, "tsa");
    mkdirSync(folder);
    const file = (name: string) => join(folder, name);
    const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
    writeFileSync(
      file("tsa.cnf"),
      `[req]\ndistinguished_name=dn\nx509_extensions=ext\nprompt=no\n[dn]\nCN=Test TSA\n[ext]\nextendedKeyUsage=critical,timeStamping
[tsa]\ndefault_tsa=one\n[one]\nserial=serial\ncrypto_device=builtin\nsigner_cert=tsa.pem\nsigner_key=tsa.key\nsigner_digest=sha256
default_policy=1.2.3.4\ndigests=sha256\naccuracy=secs:1\nordering=yes\n`,
    );
    writeFileSync(file("serial"), "01\n");
    openssl(
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      "tsa.key",
      "-out",
      "tsa.pem",
      "-config",
      "tsa.cnf",
      "-days",
      "2",
    );
    let stamps = 0;
    const post: Post = async (_url, body, type) => {
      assert.equal(type, "application/timestamp-query");
      stamps += 1;
      writeFileSync(file("request.tsq"), body);
      openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "request.tsq", "-out", "reply.tsr");
      return { status: 200, body: readFileSync(file("reply.tsr")) };
    };
    const stamping = stampedBy("http://tsa", world.clock, systemRandom, post);
    await world.append(3);
    assert.deepEqual(await publish([stamping]), []);
    await world.append(3);
    assert.deepEqual(await publish([stamping]), []);
    assert.equal(stamps, 1);
    const directory = await world.export();
    assert.deepEqual(told(verify(directory)), []);
    const [stamp, note] = [join(directory, "timestamps/4.tsr"), join(directory, "timestamps/4.note")];
    const verified = openssl("ts", "-verify", "-in", stamp, "-data", note, "-CAfile", "tsa.pem").toString();
    assert.match(verified, /Verification: OK/);
    writeFileSync(note, readFileSync(note, "utf8").replace("4\n", "5\n"));
    assert.ok(told(verify(directory)).includes("TIMESTAMP"));
  });

  it("as a command listen over HTTP, and remember over a restart", async () => {
    const state = join(world.directory, "witness");
    await world.append(5);
    const key = formatVerifierKey(SIGNER.key);
    const { logWitness } = await import("../../src/cli/log-witness.ts");
    const listening = async (use: (url: string, key: string) => Promise<void>) => {
      const lines: string[] = [];
      let stop = () => {};
      const stopped = new Promise<void>((resolve) => {
        stop = resolve;
      });
      let ready = () => {};
      const isReady = new Promise<void>((resolve) => {
        ready = resolve;
      });
      const print = (line: string) => {
        lines.push(line);
        if (line === "ready") ready();
      };
      const options = { log: [key], name: "witness.example", state, host: "127.0.0.1", port: 0 };
      const running = logWitness({ print, config: () => assert.fail() } as never, options, stopped);
      await Promise.race([isReady, running]);
      await use(lines[1]!, lines[0]!.replace("key ", ""));
      stop();
      await running;
    };
    const post: Post = async (url, body, type) => {
      const answer = await fetch(url, { method: "POST", body: Buffer.from(body), headers: { "content-type": type } });
      return { status: answer.status, body: new Uint8Array(await answer.arrayBuffer()) };
    };
    let first = "";
    await listening(async (url, witnessKey) => {
      first = witnessKey;
      assert.deepEqual(await publish([cosignedBy({ url, key: witnessKey }, world.store.messageLog, post)]), []);
      assert.equal((await fetch(`${url}/add-checkpoint`)).status, 405);
      assert.equal((await post(`${url}/add-checkpoint`, Buffer.from("x"), "text/plain")).status, 400);
    });
    const forked = await BundleWorld.open();
    await forked.append(9);
    const note = await forked.publish();
    await forked.close();
    await listening(async (url, witnessKey) => {
      assert.equal(witnessKey, first);
      const answer = await post(`${url}/add-checkpoint`, Buffer.from(`old 0\n\n${note}`), "text/plain");
      assert.deepEqual([answer.status, Buffer.from(answer.body).toString()], [409, "6\n"]);
    });
  });

  it("whoever has a message with a secret proves it with the salt that a command shows", async () => {
    const body = Buffer.from("<key>secret</key>");
    const redacted = { body: Buffer.from("<key>***</key>"), count: 1 };
    await world.append(1, { body, redacted, correlationUid: "with a secret" });
    let text = "";
    const out = (more: string) => {
      text += more;
    };
    const env = { METERGATE_DATA_DIR: world.store.dataDirectory };
    assert.equal(await runCommand(["log", "show", "with a secret"], { env, out, err: out }), 0);
    const [, salt = "", hashed] =
      /SHA-256 over ([0-9a-f]{32}) and the message as it was is ([0-9a-f]{64})/.exec(text) ?? [];
    assert.equal(createHash("sha256").update(Buffer.from(salt, "hex")).update(body).digest("hex"), hashed);
    assert.doesNotMatch(text, /secret<\/key>/);
  });

  it("keys and holds are changed by commands, which stand in the log", async () => {
    const data = world.store.dataDirectory;
    LogKeys.open(join(data, "log.key"), systemRandom, "log.example/keys");
    const metergate = async (...args: string[]) => {
      let text = "";
      const out = (more: string) => {
        text += more;
      };
      return { code: await runCommand(["log", ...args], { env: { METERGATE_DATA_DIR: data }, out, err: out }), text };
    };
    assert.match((await metergate("key", "add")).text, /^log\.example\/keys\+\S+ signs beside the older key/);
    assert.match((await metergate("key", "add")).text, /there are two keys already/);
    assert.match((await metergate("key", "retire")).text, /the newer key has signed no checkpoint yet/);
    world.signers = LogKeys.existing(join(data, "log.key")).signers();
    await world.publish();
    assert.match((await metergate("key", "retire")).text, /signs no more/);
    assert.equal((await metergate("hold", "add", "case 1", "--reason", "court", "--device", "E1")).code, 0);
    assert.match((await metergate("hold", "list")).text, /case 1 .* E1 .* court/);
    assert.equal((await metergate("hold", "remove", "case 1")).code, 0);
    assert.match((await metergate("hold", "remove", "case 1")).text, /there is no hold case 1/);
    const deeds = (await world.store.messageLog.find({ class: "deed" }, 0, 10)).map(({ leaf }) => leaf.operation);
    assert.deepEqual(deeds, ["log key add", "log key retire", "log hold add", "log hold remove"]);
  });
});
