import { systemClock } from "../../src/lib/clock.ts";
import { startFleet } from "../../src/simulators/dlms/fleet.ts";

// Simulated meters in a process of their own: prints their ports as JSON, runs until SIGTERM.
const count = Number(process.argv[2] ?? 1);
const fleet = await startFleet(
  Array.from({ length: count }, (_, i) => ({
    identification: `BENCH${String(i + 1).padStart(12, "0")}`,
    profile: "smr5.0.0",
    clock: systemClock,
  })),
);
console.log(`ports ${JSON.stringify(fleet.meters.map(({ port }) => port))}`);
process.on("SIGTERM", () => process.exit(0));
