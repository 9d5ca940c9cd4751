import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { DlmsDevice } from "../../src/adapters/dlms/device.ts";
import { run } from "../../src/cli/program.ts";
import { parseDeviceFile } from "../../src/devices/device-file.ts";
import { FAMILIES } from "../../src/families.ts";
import { MAIN } from "../command.ts";

describe("metergate simulate dlms", () => {
  let dir: string;
  let child: ChildProcess | undefined;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "metergate-simulate-"));
    child = undefined;
  });

  afterEach(async () => {
    if (child && child.exitCode === null) {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    rmSync(dir, { recursive: true });
  });

  /** What the command prints until it is ready. */
  async function simulate(...args: string[]): Promise<string[]> {
    child = spawn(process.execPath, [MAIN, "simulate", "dlms", ...args], { env: { PATH: "" } });
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout! })) {
      if (line === "ready") return lines;
      lines.push(line);
    }
    throw new assert.AssertionError({ message: `not ready: ${lines.join("\n")}` });
  }

  it("runs meters with a control interface, and ends with 0 at SIGTERM", async () => {
    const file = join(dir, "devices.json");
    const lines = await simulate(
      ...["--profile", "smr5.0.0", "dsmr2.2", "--count", "3", "--port", "0", "--meters-per-port", "2"],
      ...["--control-port", "0", "--write-devices", file, "--behaviour", '{"name":"late","ms":1}'],
    );
    assert.match(lines[0]!, /^127\.0\.0\.1:\d+ 2 meters$/);
    assert.match(lines[1]!, /^127\.0\.0\.1:\d+ 1 meter$/);
    const control = /^control at (.*)$/.exec(lines[2]!)![1]!;
    const meters = (await (await fetch(control)).json()) as { identification: string; security: string }[];
    assert.deepEqual(
      meters.map(({ security }) => security),
      ["hls5", "lls1", "hls5"],
    );
    const behaviours = await fetch(`${control}/${meters[2]!.identification}/behaviours`);
    assert.deepEqual(await behaviours.json(), ["late"]);

    const { devices } = parseDeviceFile(readFileSync(file, "utf8"), FAMILIES);
    assert.equal(devices.length, 6);
    assert.equal((devices[2]!.device as DlmsDevice).security.lls1Active, true);
    assert.deepEqual([...new Set(devices.map(({ device }) => device.model))], ["SIM-E", "SIM-G"]);
    assert.deepEqual(devices[1]?.device.gateway, { device: "SIMDM000000000001", channel: 1 });

    child!.kill("SIGTERM");
    assert.deepEqual((await once(child!, "exit"))[0], 0);
  });

  for (const [args, message] of [
    [["--profile", "smr9"], /no profile smr9; there are dsmr2\.2, /],
    [["--count", "0"], /It must be a whole number from 1 to 100000/],
    [["--behaviour", "{"], /--behaviour is not JSON/],
    [["--behaviour", '{"name":"rude"}'], /behaviour: name is one of late, /],
    [["--count", "200", "--hdlc"], /does not have room for 200 meters/],
  ] as const) {
    it(`refuses ${args.join(" ")} with exit code 2`, async () => {
      let err = "";
      const surroundings = {
        env: {},
        out: () => {},
        err: (text: string) => {
          err += text;
        },
      };
      assert.equal(await run(["simulate", "dlms", "--port", "0", ...args], surroundings), 2);
      assert.match(err, message);
    });
  }
});
