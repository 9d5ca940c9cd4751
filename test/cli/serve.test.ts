import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { MAIN } from "../command.ts";

/** `metergate serve` as a process of its own. */
class Served {
  readonly process: ChildProcess;
  readonly exited: Promise<[number | null]>;
  #out = "";
  #err = "";

  constructor(env: Record<string, string>) {
    this.process = spawn(process.execPath, [MAIN, "serve"], { env: { PATH: "", ...env } });
    this.exited = once(this.process, "close") as Promise<[number | null]>;
    this.process.stdout?.on("data", (chunk) => {
      this.#out += chunk;
    });
    this.process.stderr?.on("data", (chunk) => {
      this.#err += chunk;
    });
  }

  get out(): string {
    return this.#out;
  }

  get err(): string {
    return this.#err;
  }

  /** The base URL, once "ready" was printed. */
  async ready(): Promise<string> {
    for await (const line of createInterface({ input: this.process.stdout! })) {
      if (line === "ready") return this.#out.split("\n")[0]!;
    }
    throw new assert.AssertionError({ message: `not ready: ${this.#err}` });
  }
}

describe("metergate serve", () => {
  let dir: string;
  let processes: Served[];

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "metergate-serve-"));
    processes = [];
  });

  afterEach(async () => {
    for (const served of processes) {
      served.process.kill("SIGKILL");
      await served.exited;
    }
    rmSync(dir, { recursive: true });
  });

  function serve(env: Record<string, string> = {}): Served {
    const defaults = {
      METERGATE_DATA_DIR: dir,
      METERGATE_PORT: "0",
      METERGATE_ALARM_PORT: "0",
      METERGATE_PLAIN_HTTP: "true",
    };
    const served = new Served({ ...defaults, ...env });
    processes.push(served);
    return served;
  }

  it("prints its base URL and ready, answers, ends with 0 at SIGTERM, and logs all that", async () => {
    const served = serve();
    const url = await served.ready();
    assert.equal(served.out, `${url}\nready\n`);
    const wsdl = await fetch(`${url}/osgp-adapter-ws-smartmetering/smartMetering/configurationService/?wsdl`);
    assert.equal(wsdl.status, 200);
    assert.match(await wsdl.text(), /definitions/);
    served.process.kill("SIGTERM");
    assert.deepEqual((await served.exited)[0], 0);
    const lines = served.err
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map(({ msg }) => msg),
      ["the service started", "the service was told to stop", "the service stopped"],
    );
    const { version, dataDirectory, database, baseUrl, devices, organisations, listeners } = lines[0];
    assert.match(version, /^\d+\.\d+\.\d+/);
    assert.deepEqual(
      { dataDirectory, database, baseUrl, devices, organisations },
      { dataDirectory: dir, database: "SQLite", baseUrl: url, devices: 0, organisations: 0 },
    );
    assert.ok(listeners["pushes of DLMS meters"] > 0);
    assert.equal(lines[1].signal, "SIGTERM");
  });

  it("ends with 1 and says which port is in use, without keeping another one open", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const { port } = holder.address() as AddressInfo;
    for (const setting of ["METERGATE_PORT", "METERGATE_ALARM_PORT"]) {
      const second = serve({ [setting]: String(port) });
      assert.deepEqual((await second.exited)[0], 1);
      assert.match(
        second.err,
        new RegExp(`^metergate: cannot listen on 127\\.0\\.0\\.1 port ${port}: the port is in use; `),
      );
    }
    holder.close();
  });

  it("ends with 2 when a setting is wrong, before it touches anything", async () => {
    const served = serve({ METERGATE_PORT: "http" });
    assert.deepEqual((await served.exited)[0], 2);
    assert.equal(served.err, 'metergate: METERGATE_PORT is "http"; allowed: a whole number from 0 to 65535\n');
  });
});
