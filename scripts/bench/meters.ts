import { systemClock } from "../../src/lib/clock.ts";
import { late } from "../../src/simulators/dlms/behaviours.ts";
import { startFleet } from "../../src/simulators/dlms/fleet.ts";
import { METERS_PER_PORT, meterName } from "./sessions.ts";

// Simulated meters in a process of their own that answer after so many milliseconds: prints the port of each as JSON,
// runs until SIGTERM.
const [count = 1, roundTripMs = 0] = process.argv.slice(2).map(Number);
const meters = Array.from({ length: count }, (_, i) => ({
  ...{ identification: meterName(i), profile: "smr5.0.0", clock: systemClock },
}));
const fleet = await startFleet(meters, { metersPerPort: METERS_PER_PORT });
if (roundTripMs > 0) for (const { behaviours } of fleet.meters) behaviours.add(late(roundTripMs));
console.log(`ports ${JSON.stringify(fleet.meters.map(({ port }) => port))}`);
process.on("SIGTERM", () => process.exit(0));
