import { execFile } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { SmallDisk } from "./small-disk.ts";

const run = promisify(execFile);
const VERSIONS = "/usr/lib/postgresql";
/** Room for a few hundred thousand rows beside the journal. */
const DISK_MB = 1024;

function binaries(): string | undefined {
  if (!existsSync(VERSIONS) || process.getuid?.() !== 0) return undefined;
  const [newest] = readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a));
  return newest && join(VERSIONS, newest, "bin");
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** A PostgreSQL server of the tests' own, which may be stopped: needs Debian's packages, and root to be its user. */
export class OwnPostgres {
  readonly #bin: string;
  readonly #directory: string;
  readonly #port: number;
  /** Its disk, where one can be mounted. */
  readonly disk: SmallDisk | undefined;

  private constructor(bin: string, directory: string, port: number, disk: SmallDisk | undefined) {
    this.#bin = bin;
    this.#directory = directory;
    this.#port = port;
    this.disk = disk;
  }

  /** Starts one; undefined when this machine has none. */
  static async start(): Promise<OwnPostgres | undefined> {
    const bin = binaries();
    if (bin === undefined) return undefined;
    const parent = mkdtempSync("/tmp/metergate-postgres-");
    chmodSync(parent, 0o711);
    const disk = SmallDisk.mount(parent, DISK_MB);
    const directory = join(parent, "data");
    mkdirSync(directory, { mode: 0o700 });
    const { stdout } = await run("id", ["-u", "postgres"]);
    chownSync(directory, Number(stdout), Number((await run("id", ["-g", "postgres"])).stdout));
    const server = new OwnPostgres(bin, directory, await freePort(), disk);
    await server.#as("initdb", "-D", directory, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8");
    await server.up();
    return server;
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.#port}/postgres`;
  }

  async up(): Promise<void> {
    const options = `-p ${this.#port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=100 -c max_wal_size=256MB`;
    await this.#as("pg_ctl", "-D", this.#directory, "-l", `${this.#directory}/log`, "-w", "-o", options, "start");
  }

  /** As if the power failed. */
  async down(): Promise<void> {
    await this.#as("pg_ctl", "-D", this.#directory, "-w", "-m", "immediate", "stop");
  }

  /** Starts it again if it has ended by itself. */
  async keepUp(): Promise<void> {
    await this.#as("pg_ctl", "-D", this.#directory, "status").catch(() => this.up());
  }

  async remove(): Promise<void> {
    await this.down().catch(() => {});
    await this.disk?.unmount();
    rmSync(join(this.#directory, ".."), { recursive: true, force: true });
  }

  async #as(command: string, ...args: string[]): Promise<void> {
    await run("runuser", ["-u", "postgres", "--", join(this.#bin, command), ...args], { cwd: "/tmp" });
  }
}
