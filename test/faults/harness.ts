import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEMO_ORGANISATION } from "../../src/cli/demo-fleet.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { growLog } from "../../src/message-log/sequencer.ts";
import { verifyMessageLog } from "../../src/message-log/verify.ts";
import { openStore } from "../../src/store/open-store.ts";
import { temporaryDirectory } from "../e2e/harness.ts";
import { NodeProcess } from "../e2e/node-process.ts";
import { PostgresSchemas } from "../store/temporary-postgres.ts";
import { check, type Evidence, type MeterRecord } from "./checker.ts";
import { type Database, PostgresDatabase, readRequests, SqliteDatabase, wait } from "./database.ts";
import { Load } from "./load.ts";
import { FaultyFleet } from "./meters.ts";
import { OwnPostgres } from "./own-postgres.ts";
import { SmallDisk } from "./small-disk.ts";

export interface FaultOptions {
  readonly database: "sqlite" | "postgres";
  readonly nodes: number;
  readonly forMs: number;
  readonly meters?: number;
  /** Pause between faults at most. */
  readonly everyMs?: number;
  /** Whether what is wrong on purpose is put into the database at the end, one after the other. */
  readonly putIn?: boolean;
  say(text: string): void;
}

export interface FaultReport {
  readonly violations: readonly string[];
  /** What was put in on purpose and not found. */
  readonly missed: readonly string[];
  /** How often each fault came. */
  readonly faults: Readonly<Record<string, number>>;
  readonly acknowledged: number;
  readonly stored: number;
  readonly writes: number;
}

const LEASE_MS = 3_000;
/** Of the embedded database. */
const DISK_MB = 256;
const MOST_STEP_MS = 2 * 3_600_000;
const STEPPING_CLOCK = new URL("./stepping-clock.mjs", import.meta.url).href;
/** How long everything may take to come to rest when the faults have ended. */
const PATIENCE_MS = 300_000;

/** Changes behind the service's back that the checker has to find; see also `checker.test.ts`. */
const PUT_INS: Readonly<Record<string, string>> = {
  "a request is lost": "delete from request where id = (select min(id) from request where state = 'succeeded')",
  "an outcome is lost": `delete from request_action where request_id =
    (select min(id) from request where state = 'succeeded')`,
  "an order is exchanged": `update request set actions = replace(actions, '"host":"10.', '"host":"11.')
    where operation = 'SetPushSetupSms'`,
  "a request ended twice": `insert into request_attempt (request_id, attempt, worker, claimed_ms, ended_ms, ending)
    select min(id), 99, 'w', 1, 2, 'succeeded' from request where state = 'succeeded'`,
};
const IN_LOG = {
  postgres: {
    "an entry of the log is lost": "delete from message_log where leaf_index = 7",
    "a message of the log is changed": `update message_log set operation = 'x'
      where leaf_index = (select min(leaf_index) from message_log where class = 'message')`,
  },
  sqlite: {
    "an entry of the log is lost": `update message_log_pack
      set leaves = json_replace(leaves, '$[' || (7 - first_index) || ']', null)
      where first_index = (select max(first_index) from message_log_pack where first_index <= 7)`,
    "a message of the log is changed": `update message_log_pack set leaves = json_replace(leaves, '$[0][4].operation', 'x')
      where first_index = (select min(first_index) from message_log_pack where leaves ->> '$[0][4].class' = 'message')`,
  },
};

/** A node, and how far its wall clock is off. */
class FaultyNode extends NodeProcess {
  readonly #clockFile: string;

  constructor(settings: Readonly<Record<string, string>>, clockFile: string) {
    const options = [process.env.NODE_OPTIONS ?? "", `--import ${STEPPING_CLOCK}`].join(" ");
    super({ ...settings, NODE_OPTIONS: options, STEPPING_CLOCK_FILE: clockFile });
    this.#clockFile = clockFile;
    this.step(0);
  }

  step(offsetMs: number): void {
    writeFileSync(this.#clockFile, String(offsetMs));
  }
}

/** Everything that a run needs, and how it is brought down again. */
class Surroundings {
  readonly directory = temporaryDirectory();
  readonly dataDirectory = join(this.directory.path, "data");
  readonly #undo: (() => unknown)[] = [() => this.directory.remove()];
  server: OwnPostgres | undefined;
  /** What the database is on, where it can be filled. */
  disk: SmallDisk | undefined;
  database!: Database;
  databaseUrl: string | undefined;
  fleet!: FaultyFleet;

  async start({ database, meters = 12 }: FaultOptions): Promise<void> {
    mkdirSync(this.dataDirectory);
    if (database === "postgres") await this.#startPostgres();
    else this.#mountDisk();
    this.fleet = await FaultyFleet.start(meters);
    this.#undo.push(() => this.fleet.close());
  }

  #mountDisk(): void {
    this.disk = SmallDisk.mount(this.dataDirectory, DISK_MB);
    this.#undo.push(() => this.disk?.unmount());
    this.#undo.push(() => this.database.close());
  }

  async #startPostgres(): Promise<void> {
    this.server = await OwnPostgres.start();
    if (this.server) {
      this.databaseUrl = this.server.url;
      this.disk = this.server.disk;
      this.#undo.push(() => this.server?.remove());
    } else {
      const schemas = new PostgresSchemas();
      this.databaseUrl = schemas.urlOf(await schemas.make());
      this.#undo.push(() => schemas.close());
    }
    this.database = new PostgresDatabase(this.databaseUrl);
  }

  settings(): Record<string, string> {
    return {
      METERGATE_DATA_DIR: this.dataDirectory,
      ...(this.databaseUrl !== undefined && { METERGATE_DATABASE_URL: this.databaseUrl }),
      METERGATE_LEASE_MS: String(LEASE_MS),
      METERGATE_RETRY_DELAY_MS: "200",
      METERGATE_MAX_RETRIES: "20",
      METERGATE_RESPONSE_TIMEOUT_MS: "2000",
      METERGATE_CONNECT_TIMEOUT_MS: "2000",
      METERGATE_LOG_LEVEL: "fatal",
    };
  }

  openStore(readOnly: boolean) {
    return openStore({
      ...{ dataDirectory: this.dataDirectory, databaseUrl: this.databaseUrl, readOnly, clock: systemClock },
    });
  }

  async close(): Promise<void> {
    for (const undo of this.#undo.reverse()) await undo();
  }
}

type Fault = () => Promise<unknown>;

/** What can go wrong, each for a while. */
function faultsOf(
  nodes: readonly FaultyNode[],
  { database, fleet, server, disk }: Surroundings,
): Record<string, Fault> {
  const anyNode = () => nodes[Math.floor(Math.random() * nodes.length)]!;
  const some = (least: number, most: number) => least + Math.random() * (most - least);
  return {
    "a node is killed": async () => {
      const node = anyNode();
      await node.end("SIGKILL");
      await wait(some(0, 2_000));
      await node.start();
    },
    "a node is stopped and started": async () => {
      const node = anyNode();
      await node.end("SIGTERM");
      await node.start();
    },
    "a node stands still beyond its lease": async () => {
      const node = anyNode();
      node.signal("SIGSTOP");
      await wait(some(0.5, 2.5) * LEASE_MS);
      node.signal("SIGCONT");
    },
    "the wall clock of a node steps": async () => {
      const node = anyNode();
      node.step(Math.round(some(-1, 1) * MOST_STEP_MS));
      await wait(some(500, 4_000));
      node.step(0);
    },
    "meters cut connections or fall silent": async () => {
      const undo = fleet.disturb(0.5);
      await wait(some(500, 4_000));
      undo();
    },
    "the database is locked": () => database.lockFor(some(200, 4_000)),
    ...(database.cutConnections && {
      "connections to the database are cut": async () => {
        for (let i = 0; i < 5; i++) {
          await database.cutConnections?.(4);
          await wait(some(0, 300));
        }
      },
    }),
    ...(disk && {
      "the disk of the database is full": async () => {
        await disk.fill();
        await wait(some(500, 4_000));
        disk.free();
        await server?.keepUp();
      },
    }),
    ...(server && {
      "the database server is gone and comes back": async () => {
        await server.down();
        await wait(some(0, 4_000));
        await server.up();
      },
    }),
  };
}

async function gather({ fleet, database }: Surroundings, load: Load, store: Awaited<ReturnType<typeof openStore>>) {
  const acknowledged = await load.answers(PATIENCE_MS);
  const deadlineMs = Date.now() + PATIENCE_MS;
  for (let counts = await store.requests.countUnfinished(); Date.now() < deadlineMs; await wait(200)) {
    counts = await store.requests.countUnfinished();
    if (counts.later + counts.ready + counts.parked + counts.running === 0) break;
  }
  const reachable = await load.reachable();
  return async (): Promise<Evidence> => {
    const { findings } = await verifyMessageLog(store.messageLog);
    const meters = fleet.noting.map(
      ({ meter: { identification: device }, markers, keys }): MeterRecord => ({
        ...{ device, markers: [...markers], keys: [...keys], reachable: reachable.get(device) ?? false },
      }),
    );
    const logFindings = findings.map(({ index, defect }) => `entry ${index}: ${defect}`);
    return { acknowledged, orders: load.orders, requests: await readRequests(database), meters, logFindings };
  };
}

/** Lets nodes work for callers and meters while one fault after the other comes, and judges what is left. */
export async function runFaults(options: FaultOptions): Promise<FaultReport> {
  const surroundings = new Surroundings();
  const nodes: FaultyNode[] = [];
  const { say, everyMs = 2_000 } = options;
  try {
    await surroundings.start(options);
    const settings = surroundings.settings();
    const file = join(surroundings.directory.path, "devices.json");
    writeFileSync(file, surroundings.fleet.devicesFile(DEMO_ORGANISATION));
    await new NodeProcess(settings).command("devices", "import", file);
    if (options.database === "sqlite") surroundings.database = new SqliteDatabase(surroundings.dataDirectory);
    for (let i = 0; i < options.nodes; i++) {
      nodes.push(new FaultyNode(settings, join(surroundings.directory.path, `clock-${i}`)));
    }
    for (const node of nodes) await node.start();
    const load = new Load(surroundings.fleet.identifications, () =>
      nodes.filter(({ pid }) => pid !== undefined).map(({ baseUrl }) => baseUrl),
    );
    load.start(4, 150);
    const faults = faultsOf(nodes, surroundings);
    const counts: Record<string, number> = {};
    const endMs = Date.now() + options.forMs;
    for (let kinds: string[] = []; Date.now() < endMs; await wait(Math.random() * everyMs)) {
      // Each kind once in each round, in random order.
      if (kinds.length === 0) kinds = Object.keys(faults).sort(() => Math.random() - 0.5);
      const kind = kinds.pop()!;
      say(kind);
      await faults[kind]!();
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    await load.stop();
    say(`${load.accepted.length} requests were acknowledged; waiting for the rest`);
    const store = await surroundings.openStore(false);
    const read = await gather(surroundings, load, store);
    for (const node of nodes) await node.end("SIGTERM");
    await growLog(store.messageLog);
    const evidence = await read();
    const violations = check(evidence);
    const missed: string[] = [];
    let known = violations.length;
    for (const [what, sql] of Object.entries(options.putIn ? { ...PUT_INS, ...IN_LOG[options.database] } : {})) {
      await surroundings.database.rows(sql);
      const found = check(await read()).length;
      if (found <= known) missed.push(what);
      known = found;
    }
    await store.close();
    return {
      violations,
      missed,
      faults: counts,
      acknowledged: evidence.acknowledged.length,
      stored: evidence.requests.length,
      writes: evidence.meters.reduce((sum, { markers, keys }) => sum + markers.length + keys.length - 1, 0),
    };
  } finally {
    for (const node of nodes) {
      node.signal("SIGCONT");
      await node.end();
    }
    await surroundings.close();
  }
}
