import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";

const GROUPS = "/sys/fs/cgroup/cpu";
const PERIOD_US = 20_000;

/** Whether a process can be held to a part of a core here: Linux with control groups of the first version, and root. */
export const canHoldToCores = existsSync(`${GROUPS}/cgroup.procs`);

/**
 * Lets a process have so many cores at most, so that a machine with few of them shows what several nodes do that each
 * have their own.
 * @returns what takes its group away when the process has ended
 */
export function holdToCores(pid: number | undefined, cores: number): () => void {
  const group = `${GROUPS}/metergate-bench-${pid}`;
  mkdirSync(group);
  writeFileSync(`${group}/cpu.cfs_period_us`, String(PERIOD_US));
  writeFileSync(`${group}/cpu.cfs_quota_us`, String(Math.round(cores * PERIOD_US)));
  writeFileSync(`${group}/cgroup.procs`, String(pid));
  return () => rmdirSync(group);
}
