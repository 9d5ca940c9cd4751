const SEPARATOR = "|||";

/** Text that a caller fetches a result with: `organisation|||device|||yyyyMMddHHmmssSSS|||uuid`, time in UTC. */
export type CorrelationUid = string;

/**
 * @param nowMs milliseconds since 1970-01-01T00:00:00Z
 * @param uuid a random UUID: what makes it unique and hard to guess
 */
export function formatCorrelationUid(
  organisation: string,
  device: string,
  nowMs: number,
  uuid: string,
): CorrelationUid {
  const timestamp = new Date(nowMs).toISOString().replace(/\D/g, "");
  return [organisation, device, timestamp, uuid].join(SEPARATOR);
}
