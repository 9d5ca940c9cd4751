import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEMO_ORGANISATION } from "../../src/cli/demo-fleet.ts";
import { type Answered, ErpClient } from "../../src/cli/erp-client.ts";
import { simulationFile } from "../../src/cli/simulate-family.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { result, temporaryDirectory } from "../e2e/harness.ts";
import { killableService } from "../e2e/kills.ts";
import type { NodeProcess } from "../e2e/node-process.ts";
import { OtherConnection } from "../store/temporary-store.ts";

interface Trap {
  readonly moment: string;
  /** Resolves when it may spring: nobody could follow a request that was not acknowledged. */
  readonly armed: Promise<void>;
  isArmed: boolean;
  readonly sprung: () => void;
}

/** The service as a process of its own, which dies (SIGKILL) at a moment of what a simulator does, and lives again. */
export class HuntedService {
  readonly #directory = temporaryDirectory();
  readonly #service: NodeProcess;
  #trap: Trap | undefined;

  private constructor(settings: Readonly<Record<string, string>>) {
    this.#service = killableService(this.#directory.path, settings);
  }

  /** @param records of the devices, as simulations tell them */
  static async start(
    records: readonly object[],
    settings: Readonly<Record<string, string>> = {},
  ): Promise<HuntedService> {
    const hunted = new HuntedService(settings);
    const file = join(hunted.#directory.path, "devices.json");
    writeFileSync(file, simulationFile([{ places: [], records, close: async () => {} }], DEMO_ORGANISATION));
    await hunted.#service.command("devices", "import", file);
    await hunted.#service.start();
    return hunted;
  }

  get client(): ErpClient {
    return new ErpClient(this.#service.baseUrl, systemClock);
  }

  /** The simulator is at a moment: `after POST /cmd/reboot`. The service is dead when this resolves, if it was to be. */
  async at(moment: string): Promise<void> {
    const trap = this.#trap;
    if (!trap || !moment.startsWith(trap.moment)) return;
    this.#trap = undefined;
    // At once where it may be: what the simulator does next is not to reach it.
    if (!trap.isArmed) await trap.armed;
    await this.#service.end();
    trap.sprung();
  }

  /**
   * Has the service killed when the simulator comes to a moment that begins like this, and started again.
   * @param meanwhile what brings that about; the service is not killed before it has ended
   */
  async killAt<T>(moment: string, meanwhile: () => T | Promise<T>): Promise<T> {
    let arm = () => {};
    const armed = new Promise<void>((resolve) => {
      arm = resolve;
    });
    const killed = new Promise<void>((resolve) => {
      this.#trap = { moment, armed, isArmed: false, sprung: resolve };
    });
    const trap = this.#trap;
    const value = await meanwhile();
    if (trap) trap.isArmed = true;
    arm();
    await killed;
    this.#letLeasesEnd();
    await this.#service.start();
    return value;
  }

  /** As if it had been away for a minute: tasks that one node does are nobody's. */
  #letLeasesEnd(): void {
    const sql = new OtherConnection(this.#directory.path);
    sql.run("update lease set until_ms = 0");
    sql.close();
  }

  /** Sends a request during which the service is killed, and waits for its one answer. */
  async answerTo(document: Uint8Array<ArrayBuffer>, moment: string): Promise<Answered> {
    const sent = await this.killAt(moment, () => this.client.send(document));
    assert.ok(!("fault" in sent), "fault" in sent ? sent.fault.xml : "");
    return result(this.client, sent);
  }

  async close(): Promise<void> {
    await this.#service.end();
    this.#directory.remove();
  }
}
