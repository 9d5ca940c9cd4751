#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";
import { run } from "./cli/program.ts";

// Each thread clears its own young garbage. There is little of it each time, so waking others to help costs more
// processor time than it saves, and they are in the way of whoever has a request to work on.
setFlagsFromString("--no-parallel-scavenge");

// What commands write holds keys and results: it is the owner's alone.
process.umask(0o077);
const { stdout, stderr } = process;
// Whoever read the output has seen enough, as `head` has.
stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});
const exitCode = await run(process.argv.slice(2), {
  env: process.env,
  out: (text) => void stdout.write(text),
  err: (text) => void stderr.write(text),
});
process.exitCode = exitCode;
// What a command that failed half-way left open must not keep the process; what it wrote goes out first.
if (exitCode !== 0) stdout.write("", () => stderr.write("", () => process.exit()));
