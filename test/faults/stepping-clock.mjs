// Loaded before a node starts: its wall clock is off by the milliseconds that stand in a file, which tests change.
import { readFileSync } from "node:fs";

const RealDate = Date;
const LOOK_MS = 100;
let offsetMs = 0;

setInterval(() => {
  offsetMs = Number(readFileSync(process.env.STEPPING_CLOCK_FILE, "utf8"));
}, LOOK_MS).unref();

globalThis.Date = class SteppingDate extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [Date.now()] : given));
  }

  static now() {
    return RealDate.now() + offsetMs;
  }
};
