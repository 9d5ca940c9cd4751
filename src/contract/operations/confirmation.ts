import type { Confirmation } from "../../operations/ekm.ts";

/** The response of an EKM meter that was told to do something and did it. */
export function confirmed({ by, timeMs }: Confirmation) {
  const time = timeMs === undefined ? {} : { ConfirmedTime: new Date(timeMs) };
  return { Result: "OK", ConfirmedBy: by, ...time } as const;
}
