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
  const iso = new Date(nowMs).toISOString();
  const date = iso.slice(0, 4) + iso.slice(5, 7) + iso.slice(8, 10);
  const time = iso.slice(11, 13) + iso.slice(14, 16) + iso.slice(17, 19) + iso.slice(20, 23);
  return organisation + SEPARATOR + device + SEPARATOR + date + time + SEPARATOR + uuid;
}
