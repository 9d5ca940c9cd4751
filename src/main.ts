#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";
import { run } from "./cli/program.ts";

// Each thread clears its own young garbage. There is little of it each time, so waking others to help costs more
// processor time than it saves, and they are in the way of whoever has a request to work on.
setFlagsFromString("--no-parallel-scavenge");

// V8 leaves out calls of constructors that a class does not write itself. Where classes share a hidden class, as those of
// the XML library do, it then optimises their callers again and again, and each time throws the result away: a fifth of
// the processor time of an accept, in all releases of Node.js from 20 to 26.
setFlagsFromString("--no-omit-default-ctors");

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
