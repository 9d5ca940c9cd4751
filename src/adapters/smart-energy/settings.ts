import { flag, integer, oneOf, setting } from "../../domain/settings.ts";

const DAY_MS = 86_400_000;

/** What operators can set about gateways of Smart Energy. */
export const SMART_ENERGY_SETTINGS = {
  smartEnergyExchange: setting(
    oneOf("synchronous", "asynchronous"),
    "synchronous",
    "Whether Device Cloud answers with what the gateway says, or with a job that is looked after.",
  ),
  smartEnergyTimeoutMs: setting(integer(100, DAY_MS), 120_000, "How long to wait for what a gateway answers.", {
    unit: "ms",
  }),
  smartEnergyPollMs: setting(
    integer(0, DAY_MS),
    300_000,
    "How often to fetch what gateways keep in their buffers; 0 never.",
    { unit: "ms" },
  ),
  smartEnergyPushEnabled: setting(flag, false, "Listen for what Device Cloud pushes (HTTP monitors)."),
  smartEnergyPushPort: setting(integer(0, 65_535), 9599, "TCP port for it; 0 takes any free one."),
} as const;
