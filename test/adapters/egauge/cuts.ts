import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { Snooze } from "../../../src/domain/adapter.ts";
import { MetergateError } from "../../../src/domain/errors.ts";
import { hashOf } from "../../../src/simulators/egauge/state.ts";
import { OneMeter } from "./one-meter.ts";

const hex = (text: string) => Buffer.from(text).toString("hex");

/** What each operation is asked, and whether a meter that does it twice does no harm. */
const ASKED: Readonly<Record<string, { readonly request: object; readonly twice?: true; readonly command?: string }>> =
  {
    ReadRegisters: { request: { names: [] }, twice: true },
    ActivateService: { request: { service: "push", provider: "Other Cloud" }, twice: true },
    CancelCommand: { request: { token: "0123456789abcdef0123456789abcdef" }, twice: true },
    ClearData: { request: { data: "excess" }, twice: true },
    MaintainDatabase: { request: { action: "zero", databaseIds: [2] }, command: "db" },
    FactoryRestore: { request: {}, command: "factory-restore" },
    SetHomeplugPassword: {
      request: { password: hex("power"), targets: [{ macAddress: "01:23:45:67:89:ab", deviceKey: hex("ABCD-EFGH") }] },
      twice: true,
    },
    Reboot: { request: { allowAddressChange: false }, command: "reboot" },
    SetMeterTime: { request: { timeMs: Date.UTC(2031, 0, 1) }, twice: true },
    TestEmail: { request: { address: "a@b.example" }, command: "test-email" },
    TestRemote: { request: { address: "a", linkType: "tcp" }, twice: true },
    UpdateSoftware: { request: { action: "install", target: "fw", force: false }, command: "update" },
    ConfigureWlan: { request: { action: "add", ssid: "garden", hidden: false, keyIsHex: false }, command: "wlan" },
    SynchronizeTime: { request: { timeZone: "Europe/Amsterdam" }, twice: true },
    SetClockConfiguration: {
      request: {
        ...{ timeZoneOffsetMinutes: -60, daylightSavingsEnabled: true },
        ...{ daylightSavingsBegin: "FFFF03FE0702000000FFC400", daylightSavingsEnd: "FFFF0AFE0703000000FF8880" },
      },
      twice: true,
    },
    ClearAlarmRegister: { request: {}, twice: true },
    GetFirmwareVersion: { request: {}, twice: true },
    UpdateFirmware: { request: { firmwareIdentification: "4.7.2" }, command: "update" },
    GenerateAndReplaceKeys: { request: {}, twice: true },
    ReplaceKeys: { request: { authenticationKey: "AB".repeat(16), encryptionKey: "CD".repeat(16) }, twice: true },
    GetActualMeterReads: { request: {}, twice: true },
  };

/** Runs a request whose exchange at a place is cut, or after which the process is killed. */
async function disturbed(operation: string, place: number, how: "cut" | "kill") {
  const world = await OneMeter.open();
  world.meter.alerts.raise("pxydn", Date.UTC(2031, 0, 1));
  try {
    const { request: asked } = ASKED[operation]!;
    const request = world.request(operation, asked);
    const killer = new AbortController();
    let isHit = false;
    world.afterExchange = (count) => {
      if (count !== place) return undefined;
      isHit = true;
      if (how === "kill") killer.abort();
      return "cut";
    };
    if (how === "kill") {
      const killed = request.run(killer.signal).catch((error: unknown) => error);
      const thrown = await killed;
      const isNormal = thrown === undefined || thrown instanceof Snooze || thrown instanceof MetergateError;
      assert.ok(isNormal || killer.signal.aborted, String(thrown));
      if (isHit) await world.restart();
      // Whoever takes over comes later.
      await wait(30);
    }
    const outcome = await request.end();
    return { isHit, outcome, executed: world.meter.executed, vault: world.vault, meter: world.meter };
  } finally {
    await world.close();
  }
}

/** Every exchange of some operations, or of all. */
export function describeCuts(operations: readonly string[] = Object.keys(ASKED)): void {
  for (const operation of operations) {
    const { twice, command } = ASKED[operation]!;
    for (const how of ["cut", "kill"] as const) {
      it(`${operation}: ends, and nothing is done twice that should not, after a ${how}`, async () => {
        const places = Array.from({ length: command ? 12 : 6 }, (_, i) => i + 1);
        const ended = await Promise.all(places.map((place) => disturbed(operation, place, how)));
        assert.ok(ended[0]!.isHit && ended[2]!.isHit, "the cuts were nowhere");
        for (const [i, { outcome, executed, vault, meter }] of ended.entries()) {
          const where = `${how} at ${i + 1}: ${JSON.stringify(outcome)}, ${executed.join()}`;
          if (!outcome.ok) assert.equal(outcome.error.code, "OUTCOME_UNKNOWN", where);
          if (!outcome.ok) assert.ok(command !== undefined, where);
          if (!twice) assert.ok(executed.filter((each) => each === command).length <= 1, where);
          if (outcome.ok && command) assert.equal(executed.filter((each) => each === command).length, 1, where);
          // Whatever happened, the vault has the password that the meter takes.
          const active = vault.all.find(({ state }) => state === "ACTIVE")!;
          const { hash } = meter.state.users.get("owner")!;
          assert.equal(hashOf("owner", Buffer.from(active.value).toString()), hash, where);
          assert.ok(executed.length < 6, where);
        }
      });
    }
  }
}
