import { flag, integer, path, setting } from "../../domain/settings.ts";

const DAY_MS = 86_400_000;

/** What operators can set about DLMS meters. */
export const DLMS_SETTINGS = {
  responseTimeoutMs: setting(integer(100, DAY_MS), 120_000, "How long to wait for an answer of a device.", {
    unit: "ms",
  }),
  lls1ResponseTimeoutMs: setting(
    integer(100, DAY_MS),
    7_200_000,
    "The same for meters with LLS1, which are behind the slowest networks.",
    { unit: "ms" },
  ),
  connectTimeoutMs: setting(integer(100, DAY_MS), 30_000, "How long to wait until a device accepts a connection.", {
    unit: "ms",
  }),
  sessionProvidersFile: setting(
    path,
    undefined,
    "Accounts with those who run meters' mobile networks, by name: find and wake meters without a fixed address.",
    { defaultText: "none" },
  ),
  alarmsEnabled: setting(flag, true, "Listen for alarms that devices push."),
  alarmPort: setting(integer(0, 65_535), 9598, "TCP and UDP port for pushed alarms; 0 takes any free one."),
} as const;
