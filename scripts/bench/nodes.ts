import { processorUs, type Server } from "./child.ts";
import { holdToCores } from "./cores.ts";
import type { BesideStore } from "./database.ts";
import { load } from "./load.ts";
import { acceptOnly, prepare, startNode } from "./service.ts";

const CLIENTS = 64;

export interface NodesAccepting {
  readonly perSecond: number;
  /** Of the nodes, for each; and of the server of the database. */
  readonly processorUs: number;
  readonly databaseUs: number;
}

/**
 * Durable accepts of so many nodes over one database, asked by clients that are spread over them.
 * @param cores that each node may use at most; all when absent
 */
export async function nodesAccepting(
  count: number,
  durationMs: number,
  database: BesideStore,
  cores?: number,
): Promise<NodesAccepting> {
  const prepared = prepare([4059], database.url);
  const nodes: (Server & { readonly port: number })[] = [];
  const free: (() => void)[] = [];
  try {
    for (let i = 0; i < count; i++) nodes.push(await startNode(prepared));
    if (cores !== undefined) for (const { process } of nodes) free.push(holdToCores(process.pid, cores));
    const ask = async () => {
      const each = await Promise.all(nodes.map(({ port }) => load(port, CLIENTS / count, durationMs, acceptOnly)));
      return each.reduce((sum, { count }) => sum + count, 0);
    };
    await ask();
    const used = () => nodes.reduce((sum, { process }) => sum + (processorUs(process.pid) ?? Number.NaN), 0);
    const before = { us: used(), databaseUs: await database.processorUs(), atMs: performance.now() };
    const accepted = await ask();
    return {
      perSecond: accepted / ((performance.now() - before.atMs) / 1000),
      processorUs: (used() - before.us) / accepted,
      databaseUs: ((await database.processorUs()) - before.databaseUs) / accepted,
    };
  } finally {
    for (const { stop } of nodes) await stop();
    for (const undo of free) undo();
    prepared.remove();
  }
}
