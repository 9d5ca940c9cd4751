/**
 * Types, form and tests side by side: each alone leaves a core idle now and then. What is said last is what mocha counts,
 * unless types or form are wrong, which is told at once and once more at the end.
 */
import { spawn } from "node:child_process";

/** The files that take longest come first. */
const FILES = ["test/e2e/*.test.ts", "test/!(e2e)/**/*.test.ts", "test/*.test.ts"];

/** Whether a program ended well; its output comes through, or is kept until it is known to have failed. */
function run(command, args, { quiet }) {
  const program = spawn(command, args, { stdio: ["inherit", quiet ? "pipe" : "inherit", quiet ? "pipe" : "inherit"] });
  let output = "";
  for (const stream of [program.stdout, program.stderr])
    stream?.setEncoding("utf8").on("data", (text) => (output += text));
  return new Promise((resolve, reject) => {
    program.once("error", reject);
    program.once("close", (code) => {
      if (code !== 0) process.stdout.write(output);
      resolve(code === 0);
    });
  });
}

const checks = ["typecheck", "lint"].map(async (name) => [
  name,
  await run("npm", ["run", "-s", name], { quiet: true }),
]);
const mocha = ["node_modules/mocha/bin/mocha.js", "--parallel", ...FILES, ...process.argv.slice(2)];
const passed = await run(process.execPath, mocha, { quiet: false });
const failed = (await Promise.all(checks)).filter(([, good]) => !good).map(([name]) => name);
if (failed.length > 0) console.log(`failed, as said above: ${failed.join(", ")}`);
process.exitCode = passed && failed.length === 0 ? 0 : 1;
