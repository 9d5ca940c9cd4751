import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../../src/cli/program.ts";
import { COMMAND_ROLES } from "../../src/cli/roles.ts";
import { describeSettings } from "../../src/config.ts";
import { MAIN } from "../command.ts";
import { METER, meterEntry, ORGANISATIONS } from "../devices/parts.ts";

const KEY = "9F3C55E01B7A4D2286C4AB10DE77F0A3";

describe("the command line", () => {
  let dir: string;
  let env: Record<string, string>;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "metergate-cli-"));
    env = { METERGATE_DATA_DIR: join(dir, "data") };
  });

  afterEach(() => rmSync(dir, { recursive: true }));

  async function metergate(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    let [out, err] = ["", ""];
    const code = await run(args, {
      env,
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    });
    return { code, out, err };
  }

  function file(name: string, content: unknown): string {
    const path = join(dir, name);
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
  }

  const devicesFile = (more: object = {}) =>
    file("devices.json", {
      organisations: ORGANISATIONS,
      devices: [meterEntry({ keys: { E_METER_MASTER_KEY: KEY } })],
      ...more,
    });

  it("imports devices and lists them", async () => {
    assert.deepEqual(await metergate("devices", "import", devicesFile()), {
      code: 0,
      out: "organisations: 2 added\ndevices: 1 added, 0 updated\nkeys: 1 stored\n",
      err: "",
    });
    assert.deepEqual(await metergate("devices", "list"), {
      code: 0,
      out:
        "device             protocol   reached at      security  counter  owner\n" +
        `${METER}  SMR 5.0.0  127.0.0.1:4059  HLS5      -        test-org\n`,
      err: "",
    });
  });

  it("keeps keys at a second import, and replaces them when told to", async () => {
    await metergate("devices", "import", devicesFile());
    const again = await metergate("devices", "import", devicesFile());
    assert.equal(
      again.out,
      "organisations: 0 added\ndevices: 0 added, 1 updated\nkeys: 0 stored\n" +
        "1 keys of the file were left out, the vault has active ones (--replace-keys)\n",
    );
    const replaced = await metergate("devices", "import", "--replace-keys", devicesFile());
    assert.match(replaced.out, /^keys: 1 stored$/m);
  });

  it("says where to begin when there are no devices", async () => {
    await metergate("devices", "import", devicesFile({ organisations: [], devices: [] }));
    assert.equal((await metergate("devices", "list")).out, "no devices; see: metergate devices import --help\n");
  });

  it("names each problem of a devices file on a line of its own, without a stack", async () => {
    const path = devicesFile({ devices: [meterEntry({ port: 0, keys: { E_METER_MASTER_KEY: KEY.slice(1) } })] });
    assert.deepEqual(await metergate("devices", "import", path), {
      code: 1,
      out: "",
      err:
        `metergate: ${path} was not imported\n` +
        "metergate: devices[0].port: must be a whole number from 1 to 65535\n" +
        "metergate: devices[0].keys.E_METER_MASTER_KEY: must be 32 hexadecimal digits (16 octets)\n",
    });
  });

  it("shows the stack of an error when the log level is debug", async () => {
    env.METERGATE_LOG_LEVEL = "debug";
    const { err } = await metergate("devices", "import", devicesFile({ devices: {} }));
    assert.match(err, /devices: must be a list\n.*\n +at /s);
  });

  it("rotates the vault's keys", async () => {
    await metergate("devices", "import", devicesFile());
    const { code, out } = await metergate("vault", "rotate");
    assert.deepEqual([code, out], [0, "1 data keys wrapped with the new key, 0 old keys forgotten\n"]);
  });

  it("registers the public key of an application", async () => {
    await metergate("devices", "import", devicesFile());
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const path = file("key.pem", publicKey.export({ format: "pem", type: "spki" }) as string);
    const added = await metergate("application-keys", "add", "test-org", "erp", path);
    assert.deepEqual([added.code, added.out], [0, "registered the public key of application erp of test-org\n"]);
    const refused = await metergate("application-keys", "add", "nobody", "erp", path);
    assert.deepEqual(refused, {
      code: 1,
      out: "",
      err: "metergate: there is no organisation nobody; add it first\n",
    });
  });

  it("prints which operations which meters offer", async () => {
    const lines = (await metergate("support")).out.split("\n");
    assert.match(lines[0] ?? "", /^operation +DSMR 2\.2 +DSMR 4\.2\.2 +SMR 4\.3 .* +SMR 5\.5$/);
    assert.ok(lines.some((line) => /^SetThdConfiguration +416 +416 +416 +416 +416 +yes +yes$/.test(line)));
  });

  it("ends with 2 and one line when it is used wrongly", async () => {
    for (const [args, line] of [
      [["bogus"], "unknown command 'bogus'"],
      [["devices", "import"], "missing required argument 'file'"],
      [["serve", "--port", "1"], "unknown option '--port'"],
      [
        ["devices", "import", join(dir, "none")],
        `${join(dir, "none")} cannot be read: ENOENT: no such file or directory`,
      ],
      [["send", "x.xml", "--timeout", "soon"], "option '--timeout <seconds>' argument 'soon' is invalid."],
    ] as [string[], string][]) {
      const { code, err } = await metergate(...args);
      assert.equal(code, 2, line);
      assert.ok(err.startsWith(`metergate: ${line}`), err);
      assert.equal(err.trim().split("\n").length, 1);
    }
  });

  it("ends with 2 and names each wrong setting, also those of the file", async () => {
    env.METERGATE_PROT = "1";
    const path = file("config.json", { port: -1 });
    const { code, out, err } = await metergate("devices", "list", "--config", path);
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, /^metergate: METERGATE_PROT is not a setting; allowed: METERGATE_PORT, .*$/m);
    assert.match(err, /^metergate: port in .*config\.json is -1; allowed: a whole number from 0 to 65535$/m);
  });

  it("says why a document cannot be sent", async () => {
    const request = fileURLToPath(new URL("../../samples/GetKeys.xml", import.meta.url));
    for (const [args, code, line] of [
      [[file("a.txt", "hello")], 1, /the document is not well-formed XML: Start tag expected, '<' not found$/],
      [[file("b.xml", "<a/>")], 1, /the document is not a SOAP envelope with one element in its Body$/],
      [[join(dir, "none.xml")], 2, /none\.xml cannot be read: ENOENT/],
      [[request, "--url", "localhost"], 2, /--url is an http:\/\/ or https:\/\/ address, not "localhost"$/],
      [[request, "--url", "http://127.0.0.1:1"], 1, /no whole answer came from http:\/\/127\.0\.0\.1:1 \(.+\); does /],
    ] as [string[], number, RegExp][]) {
      const failed = await metergate("send", ...args);
      assert.match(failed.err.trimEnd(), line);
      assert.deepEqual([failed.code, failed.err.trimEnd().split("\n").length], [code, 1]);
    }
  });

  it("takes the data directory of the configuration file, named before or after the command", async () => {
    env = {};
    const path = file("config.json", { dataDir: join(dir, "elsewhere") });
    await metergate("--config", path, "devices", "import", devicesFile());
    assert.match((await metergate("devices", "list", "--config", path)).out, new RegExp(METER));
  });

  it("says that the data directory cannot be used", async () => {
    env.METERGATE_DATA_DIR = file("data", "a file");
    const { code, err } = await metergate("devices", "import", devicesFile());
    assert.equal(code, 1);
    assert.match(err, /^metergate: .*metergate\.db cannot be opened: .*\n$/);
  });

  it("neither creates nor finds anything in a wrong data directory when it is to look only", async () => {
    env.METERGATE_DATA_DIR = join(dir, "wrong");
    for (const command of ["log verify", "requests list", "devices list", "alarms list", "firmware list"]) {
      const { code, out, err } = await metergate(...command.split(" "));
      assert.deepEqual([code, out], [1, ""], command);
      assert.match(err, /^metergate: there is no database .*metergate\.db; METERGATE_DATA_DIR says where it is\n$/);
    }
    assert.equal(existsSync(env.METERGATE_DATA_DIR), false);
  });

  it("explains every setting in its help, and needs no valid one for that", async () => {
    env.METERGATE_PORT = "x";
    const { code, out } = await metergate("--help");
    assert.equal(code, 0);
    const words = out.replace(/\s+/g, " ");
    for (const { variable, description } of describeSettings()) {
      assert.ok(out.includes(`  ${variable} `) && words.includes(description), variable);
    }
    for (const line of out.split("\n")) assert.ok(line.length <= 120, line);
  });

  it("explains every command and option, without defaults that say nothing", async () => {
    const commands = [
      "serve",
      "support",
      "demo",
      "send",
      "simulate dlms",
      "devices import",
      "firmware add",
      "log verify",
      "application-keys add",
    ];
    for (const command of commands) {
      const { code, out } = await metergate(...command.split(" "), "--help");
      assert.equal(code, 0, command);
      assert.doesNotMatch(out, /default: (false|\[)/, command);
      assert.doesNotMatch(out, /^ {2}(<?[a-z]+>?|-\S+)$/m, command);
    }
  });

  it("lets an operator run what he has the role for, and tells him which one he lacks", async () => {
    const file = join(dir, "operators.json");
    const account = userInfo().username;
    const as = async (roles: readonly string[], ...args: string[]) => {
      writeFileSync(file, JSON.stringify({ operators: [{ account, roles }] }));
      env.METERGATE_OPERATORS_FILE = file;
      return metergate(...args);
    };
    await metergate("organisations", "add", "first-org");
    const refused = `metergate: ${account} may not run organisations add: it needs the role act, see ${file}\n`;
    assert.deepEqual(await as(["look", "audit"], "organisations", "add", "x"), { code: 1, out: "", err: refused });
    assert.match((await as(["look"], "organisations", "list")).out, /first-org +enabled/);
    assert.match((await as(["look"], "log", "verify")).err, /log verify: it needs the role audit/);
    assert.match((await as(["look"], "devices", "counter", "X", "--raise", "7")).err, /it needs the role act/);
    assert.match((await as([], "devices", "counter", "X")).err, /it needs the role look/);
    assert.equal((await as(["act"], "organisations", "add", "second-org")).code, 0);
    writeFileSync(file, JSON.stringify({ operators: [{ account, roles: ["rule"] }] }));
    assert.match(
      (await metergate("devices", "list")).err,
      /no list of operators: operators\.0\.roles\.0: .*look, act, audit/,
    );
    delete env.METERGATE_OPERATORS_FILE;
  });

  it("has a role for every command that reaches the data of the service", async () => {
    const without = ["serve", "support", "demo", "send", "simulate", "certs", "help"];
    const commandsIn = async (...group: string[]) => {
      const [, listed = ""] = (await metergate(...group, "--help")).out.split(/^Commands:$|^Settings are/m);
      return [...listed.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name]) => name!);
    };
    const lacking: string[] = [];
    for (const group of await commandsIn()) {
      if (without.includes(group) || COMMAND_ROLES[group] !== undefined) continue;
      for (const command of await commandsIn(group)) {
        if (command !== "help" && COMMAND_ROLES[`${group} ${command}`] === undefined)
          lacking.push(`${group} ${command}`);
      }
    }
    assert.deepEqual(lacking, []);
    const { out } = await metergate("organisations", "--help");
    assert.match(out, /disable/, "the help lists commands");
  });

  it("is what the package runs", () => {
    const metadata = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    const { status, stdout } = spawnSync(process.execPath, [MAIN, "--version"], {
      encoding: "utf8",
    });
    assert.deepEqual([status, stdout], [0, `${metadata.version}\n`]);
    const failed = spawnSync(process.execPath, [MAIN, "bogus"], { encoding: "utf8" });
    assert.deepEqual([failed.status, failed.stderr], [2, "metergate: unknown command 'bogus'\n"]);
  });
});
