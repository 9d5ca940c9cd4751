import type { StartSimulation } from "../../domain/simulation.ts";
import { systemClock } from "../../lib/clock.ts";
import { systemRandom } from "../../lib/random.ts";
import { SimulatedEgauge } from "./meter.ts";
import { serveControl, serveMeter } from "./server.ts";
import { FACTORY_PASSWORD } from "./state.ts";

/** One for what is read and set, others for what would be in its way. */
const IDENTIFICATIONS = ["EGAUGE0000000001", "EGAUGE0000000002", "EGAUGE0000000003"];
/** Real meters take longer. */
const PACE = { rebootDelay: 0.2, down: 0.5, install: 0.6, operation: 0.5 };

/** Some meters and a port to arrange them by. */
export const startSimulation: StartSimulation = async ({ host, port }) => {
  const meters = IDENTIFICATIONS.map(
    (identification) => new SimulatedEgauge({ identification, clock: systemClock, random: systemRandom, pace: PACE }),
  );
  const next = (i: number) => (port === 0 ? 0 : port + i);
  const servers = await Promise.all(meters.map((meter, i) => serveMeter(meter, host, next(i))));
  const control = await serveControl(meters, next(meters.length));
  return {
    places: [
      ...servers.map((server, i) => `${host}:${server.port} the meter ${IDENTIFICATIONS[i]}`),
      `127.0.0.1:${control.port} control interface`,
    ],
    records: servers.map((server, i) => ({
      identification: IDENTIFICATIONS[i],
      family: "egauge",
      protocol: { name: "EGAUGE", version: "WebAPI" },
      ...{ host, port: server.port, useHttps: false },
      ...{ importRegister: "Grid+", exportRegister: "Grid-" },
      timezone: "Europe/Amsterdam",
      keys: { EGAUGE_PASSWORD: FACTORY_PASSWORD },
    })),
    async close() {
      await Promise.all([...servers, control].map((server) => server.close()));
    },
  };
};
