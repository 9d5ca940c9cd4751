import { flag, integer, setting } from "../../domain/settings.ts";

/** What operators can set about EKM meters. */
export const EKM_SETTINGS = {
  ekmRequestTimeoutMs: setting(
    integer(100, 600_000),
    30_000,
    "How long one HTTP exchange with the EKM cloud may take.",
    {
      unit: "ms",
    },
  ),
  ekmAnswerTimeoutMs: setting(
    integer(100, 3_600_000),
    60_000,
    "How long to wait for a gateway's answer to a command; then the meter is looked at instead.",
    { unit: "ms" },
  ),
  ekmLookTimeoutMs: setting(
    integer(0, 3_600_000),
    180_000,
    "How long to wait for a reading that was taken after a command whose answer is missing.",
    { unit: "ms" },
  ),
  ekmSeasonCommand: setting(
    flag,
    true,
    "Whether the cloud takes the command for seasons, which its public page does not tell of; SetActivityCalendar needs it.",
  ),
} as const;
