/**
 * What requests cost in this build and in another one, which take turns in one run: `npm run bench:against -- FOLDER`,
 * a checkout that was built. A busy or slow machine hurts both alike, so the ratio tells where figures of two runs do not.
 */
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { formatTable } from "../src/cli/table.ts";
import { withProcessorUs } from "./bench/child.ts";
import { load } from "./bench/load.ts";
import {
  acceptOnly,
  askMeters,
  bundleOfReads,
  FIRMWARE,
  type Metergate,
  ONE_READ,
  startMetergate,
  startMeters,
} from "./bench/service.ts";

/** Each build has so many turns of so long, after as many that do not count. */
const TURNS = 8;
const TURN_MS = 500;
const METERS = 50;
const READS = 40;

const scenarios: Readonly<Record<string, (service: Metergate) => Promise<number>>> = {
  "accept, 64 clients": async ({ port }) => (await load(port, 64, TURN_MS, acceptOnly)).count,
  "GetFirmwareVersion end to end": (service) => askMeters(service, METERS, TURN_MS, FIRMWARE),
  "one read end to end": (service) => askMeters(service, METERS, TURN_MS, ONE_READ),
  [`${READS} reads in a bundle`]: (service) => askMeters(service, METERS, TURN_MS, bundleOfReads(READS)),
};

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new RangeError("say which folder to compare with: npm run bench:against -- FOLDER");

async function start(tree: string) {
  const fleet = await startMeters(METERS);
  const service = await startMetergate(fleet.ports, join(tree, "dist", "main.js"));
  const stop = async () => {
    await service.stop();
    await fleet.stop();
  };
  return { service, stop, tookUs: 0, count: 0 };
}

const rows = [["what", "here", "there", "ratio"]];
for (const [what, turn] of Object.entries(scenarios)) {
  const builds = [await start(fileURLToPath(new URL("..", import.meta.url))), await start(resolve(folder))];
  for (let i = -TURNS; i < TURNS; i++) {
    for (const build of builds) {
      const [count, tookUs] = await withProcessorUs(build.service.process.pid, () => turn(build.service));
      if (i < 0) continue;
      build.tookUs += tookUs;
      build.count += count;
    }
  }
  for (const { stop } of builds) await stop();
  const [here = 0, there = 0] = builds.map(({ tookUs, count }) => tookUs / count);
  rows.push([what, `${here.toFixed(0)} µs`, `${there.toFixed(0)} µs`, (here / there).toFixed(2)]);
  console.error(rows.at(-1)!.join("  "));
}
console.log(formatTable(rows));
