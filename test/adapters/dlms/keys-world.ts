import assert from "node:assert/strict";
import { constants, generateKeyPairSync, publicEncrypt } from "node:crypto";
import { DlmsAdapter } from "../../../src/adapters/dlms/adapter.ts";
import { DLMS, recordsIn } from "../../../src/adapters/dlms/family.ts";
import type { KeyPorts } from "../../../src/adapters/dlms/key-ports.ts";
import { PlatformAdapter } from "../../../src/adapters/platform/adapter.ts";
import { ApplicationKeys } from "../../../src/devices/application-keys.ts";
import { Inventory } from "../../../src/devices/inventory.ts";
import { InvocationCounters } from "../../../src/devices/invocation-counters.ts";
import { KeyProcessing } from "../../../src/devices/key-processing.ts";
import { NewDevices } from "../../../src/devices/new-devices.ts";
import { PlatformKeys } from "../../../src/devices/platform-keys.ts";
import type { CipheredApdu } from "../../../src/dlms/apdu.ts";
import { decodeApdu } from "../../../src/dlms/apdu-codec.ts";
import type { CosemData } from "../../../src/dlms/data.ts";
import { DlmsError } from "../../../src/dlms/errors.ts";
import { type AdapterRun, Snooze } from "../../../src/domain/adapter.ts";
import type { SecretType } from "../../../src/domain/device.ts";
import { toErrorRecord } from "../../../src/domain/errors.ts";
import type { Action, ActionOutcome } from "../../../src/domain/request.ts";
import { FAMILIES } from "../../../src/families.ts";
import { toHex } from "../../../src/lib/bytes.ts";
import { ManualClock } from "../../../src/lib/clock.ts";
import { systemRandom } from "../../../src/lib/random.ts";
import { findOperation } from "../../../src/operations/registry.ts";
import type { Behaviour } from "../../../src/simulators/dlms/behaviour.ts";
import { startMeter } from "../../../src/simulators/dlms/fleet.ts";
import { DEFAULT_MBUS_KEY } from "../../../src/simulators/dlms/mbus-device.ts";
import { type GasMeterKeys, gasMeterKeys } from "../../../src/simulators/dlms/mbus-keys.ts";
import type { Meter, MeterSecurity } from "../../../src/simulators/dlms/meter.ts";
import type { SimulatedMeter } from "../../../src/simulators/dlms/simulated-meter.ts";
import { meterEntry, NOW_MS, openParts, type Parts } from "../../devices/parts.ts";
import { newRequest } from "../../store/new-request.ts";
import { quietRun } from "../quiet-run.ts";
import { TestMessages } from "./devices.ts";
import { TIMEOUTS } from "./session-fixture.ts";

export const AUTHENTICATION = "E_METER_AUTHENTICATION_KEY";
export const ENCRYPTION = "E_METER_ENCRYPTION_KEY_UNICAST";
export const USER_KEY = "G_METER_ENCRYPTION_KEY";
const ORGANISATION = "test-org";
const READER = { purpose: "test" };
/** As the contract's clients seal keys. */
const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" };
/** Longest wait that passes by itself: that for the next second. Whoever waits for a meter waits longer. */
const SHORT_WAIT_MS = 1000;

class HurriedClock extends ManualClock {
  override after(delayMs: number, callback: () => void): () => void {
    const cancel = super.after(delayMs, callback);
    if (delayMs <= SHORT_WAIT_MS) setImmediate(() => this.advance(delayMs));
    return cancel;
  }
}

/** How a run ended that did not report an outcome: `CODE: text`, or how long it wants to wait. */
export type RunEnd = ActionOutcome | string;

/** What can be chosen about a meter and how it is known here. */
export interface MeterChoice {
  /** `SMR 5.0.0` by default. */
  readonly protocol?: string;
  /** What else the devices file says about the meter. */
  readonly device?: Record<string, unknown>;
  /** What the meter demands, if not the usual. */
  readonly security?: MeterSecurity;
}

const ACTION_TAG = 0xcb;

let meters = 0;

/** What the devices file says of a gas meter. */
interface GasEntry {
  readonly identification: string;
  readonly gateway: { readonly device: string; readonly channel: number };
  readonly owner: string;
}

/** One simulated meter with a gas meter, known to the inventory and the vault. */
export class KeyedMeter {
  readonly world: KeysWorld;
  readonly simulated: SimulatedMeter;
  readonly identification: string;
  readonly gasIdentification: string;
  readonly close: () => Promise<void>;
  readonly #gasEntry: GasEntry;
  /** Counters of all ciphered requests that arrived, in order. */
  readonly counters: number[] = [];
  /** The encryption key that the meter had when each arrived. */
  readonly #keys: string[] = [];
  /** Actions that arrived and could be deciphered, in order; HLS pass 3 is not among them. */
  readonly actions: { readonly method: string; readonly parameters: CosemData }[] = [];

  constructor(world: KeysWorld, simulated: SimulatedMeter, gasEntry: GasEntry, close: () => Promise<void>) {
    this.world = world;
    this.simulated = simulated;
    this.identification = gasEntry.gateway.device;
    this.gasIdentification = gasEntry.identification;
    this.#gasEntry = gasEntry;
    this.close = close;
    this.behave();
  }

  /** Has the meter behave in these ways only. */
  behave(...behaviours: Behaviour[]): void {
    this.simulated.behaviours.clear();
    this.simulated.behaviours.add({
      name: "watched",
      request: ({ request, meter }) => {
        if (request[0]! < 0xc8 || request[0]! > 0xcf) return undefined;
        const { payload } = decodeApdu(request) as CipheredApdu;
        this.counters.push(Buffer.from(payload).readUInt32BE(1));
        this.#keys.push(toHex(meter.keys.encryptionUnicast));
        if (request[0] === ACTION_TAG) this.#noteAction(payload, meter);
        return undefined;
      },
    });
    this.simulated.behaviours.add(...behaviours);
  }

  #noteAction(payload: Uint8Array, meter: Meter): void {
    try {
      const { plaintext } = meter.cipherKeys.unprotect(payload, meter.clientSystemTitle);
      const apdu = decodeApdu(plaintext);
      if (apdu.type !== "action-request-normal" || apdu.method.classId === 15) return;
      const { classId, logicalName, method } = apdu.method;
      this.actions.push({ method: `${classId}/${logicalName}/m${method}`, parameters: apdu.parameters! });
    } catch (error) {
      // Under keys that the meter does not have; the meter answers to that.
      if (!(error instanceof DlmsError)) throw error;
    }
  }

  get gasKeys(): GasMeterKeys {
    return gasMeterKeys(this.simulated.meter, 1);
  }

  active(type: SecretType, device = this.identification): Promise<Uint8Array | null> {
    return this.world.parts.vault.getActive(device, type, READER);
  }

  waiting(type: SecretType, device = this.identification): Promise<Uint8Array | null> {
    return this.world.parts.vault.getNew(device, type, READER);
  }

  /** States of the secrets of a type, sorted. */
  async states(type: SecretType, device = this.identification): Promise<string[]> {
    const sql = "select state from secret where device = ? and type = ? order by state";
    return this.world.parts.store.sql.rows<{ state: string }>(sql, device, type).map(({ state }) => state);
  }

  /** Imports the gas meter with another owner, or another meter in front of it. */
  async changeGasMeter(fields: Partial<Pick<GasEntry, "owner" | "gateway">>): Promise<void> {
    const organisations = fields.owner === undefined ? [] : [{ identification: fields.owner }];
    await this.world.parts.load({ organisations, devices: [{ ...this.#gasEntry, ...fields }] });
  }

  /** Runs one action on the meter, or on the gas meter behind it. */
  async run(action: Action, run: Partial<AdapterRun> = {}, target: "meter" | "gas" = "meter"): Promise<RunEnd> {
    const { inventory } = this.world;
    const device = (await inventory.find(this.identification))!;
    let end: RunEnd = "not reported";
    try {
      const staysHere = findOperation(action.operation)?.runsOn === "platform";
      await this.world[staysHere ? "platform" : "adapter"].run({
        ...quietRun(),
        correlationUid: `uid-${this.identification}`,
        caller: { organisation: ORGANISATION, userName: "user", applicationName: "erp" },
        target: target === "gas" ? (await inventory.find(this.gasIdentification))! : device,
        device,
        actions: [action],
        findDevice: (identification) => inventory.find(identification),
        isAuthorised: (other, operation) => inventory.isAuthorised(ORGANISATION, other, operation),
        finished: [null],
        report: async (_position, outcome) => {
          end = outcome;
        },
        ...run,
      });
    } catch (thrown) {
      if (thrown instanceof Snooze) return `again in ${thrown.delayMs} ms`;
      const { code, message } = toErrorRecord(thrown);
      return `${code}: ${message}`;
    }
    return end as RunEnd;
  }

  /** A key change came to its end: meter and vault agree, the meter can be reached, and nothing waits any more. */
  async assertSettled(): Promise<void> {
    const { encryptionUnicast, authentication } = this.simulated.keys;
    assert.deepEqual(await this.active(AUTHENTICATION), authentication);
    assert.deepEqual(await this.active(ENCRYPTION), encryptionUnicast);
    assert.equal(await this.world.parts.vault.hasNew(this.identification, [AUTHENTICATION, ENCRYPTION]), false);
    assert.deepEqual(await this.run(READ_STATUS), { ok: true, result: { status: "UNDEFINED" } });
    this.assertCountersRise();
  }

  /** No counter came twice under one key, together a GCM nonce, also when a key comes a second time. */
  assertCountersRise(): void {
    const last = new Map<string, number>();
    for (const [i, counter] of this.counters.entries()) {
      const key = this.#keys[i]!;
      const before = last.get(key) ?? -1;
      assert.ok(counter > before, `${counter} after ${before}`);
      last.set(key, counter);
    }
  }
}

export const READ_STATUS: Action = { operation: "GetAdministrativeStatus", request: {} };

/** Store, vault and adapter as in the service, and simulated meters. */
export class KeysWorld {
  readonly parts: Parts;
  readonly clock: ManualClock;
  readonly counters: InvocationCounters;
  readonly keys: KeyPorts;
  readonly adapter: DlmsAdapter;
  readonly inventory: Inventory;
  readonly platform: PlatformAdapter;
  readonly platformKeys: PlatformKeys;
  readonly #meters: KeyedMeter[] = [];
  #elsewhere = 0;

  /** Another request changes the keys of the device now; the returned function ends that. */
  async changeElsewhere(device: string): Promise<() => Promise<void>> {
    const run = { correlationUid: `elsewhere-${++this.#elsewhere}`, attempt: 1 };
    const request = newRequest(run.correlationUid, { device: run.correlationUid });
    await this.parts.store.requests.accept({ request, entries: [] });
    await this.parts.store.requests.claim({ worker: "other", leaseMs: 60_000, limit: 1 });
    const release = await this.keys.keyProcessing.acquire(device, run);
    assert.ok(release, "somebody changes the keys already");
    return release;
  }

  readonly messages = new TestMessages();

  private constructor(parts: Parts, platformKeys: PlatformKeys, replace: (ports: KeyPorts) => Partial<KeyPorts>) {
    this.parts = parts;
    this.clock = new HurriedClock(NOW_MS + 1);
    this.platformKeys = platformKeys;
    this.counters = new InvocationCounters(parts.store.devices);
    const inventory = new Inventory(parts.store.devices, this.clock);
    this.inventory = inventory;
    const keys: KeyPorts = {
      vault: parts.vault,
      keyProcessing: new KeyProcessing(parts.store.devices),
      platformKeys,
      inventory,
    };
    this.keys = { ...keys, ...replace(keys) };
    const applicationKeys = new ApplicationKeys(parts.store.devices);
    const ports = {
      ...{ vault: parts.vault, applicationKeys, records: inventory, messages: parts.store.messageLog },
      ...{ platformKeys, newDevices: new NewDevices({ ...parts, families: FAMILIES, devices: parts.store.devices }) },
      protocolsOf: () => DLMS.protocols,
      explain: (_: string, message: Uint8Array) => DLMS.explain(message),
    };
    this.platform = new PlatformAdapter(ports, this.clock);
    this.adapter = new DlmsAdapter({
      keys: this.keys,
      counters: this.counters,
      records: recordsIn(inventory, { warn() {} }),
      messages: this.messages,
      firmware: {
        find: async () => undefined,
        transfer: async () => undefined,
        saveTransfer: async () => {},
        endTransfer: async () => {},
      },
      clock: this.clock,
      random: systemRandom,
      timeouts: TIMEOUTS,
    });
  }

  /** @param replace what the adapter gets in the place of the vault and so on */
  static async open(replace: (ports: KeyPorts) => Partial<KeyPorts> = () => ({})): Promise<KeysWorld> {
    const parts = await openParts();
    await parts.load({ organisations: [{ identification: ORGANISATION }] });
    return new KeysWorld(parts, await PlatformKeys.open(parts.dataDirectory), replace);
  }

  /** Starts a meter that has its keys from the devices file. */
  async meter({ protocol = "SMR 5.0.0", device = {}, security }: MeterChoice = {}): Promise<KeyedMeter> {
    const identification = `TESTM${String(++meters).padStart(12, "0")}`;
    const [name = "", version = ""] = protocol.split(" ");
    const started = await startMeter({
      identification,
      profile: protocol.toLowerCase().replace(" ", ""),
      clock: this.clock,
      ...(security && { security }),
      mbusDevices: new Map([
        [
          1,
          {
            identificationNumber: String(10_000_000 + meters),
            manufacturer: "LGB",
            version: 66,
            deviceType: 3,
            primaryAddress: 1,
            defaultKey: DEFAULT_MBUS_KEY,
          },
        ],
      ]),
    });
    const { encryptionUnicast, authentication, master, password } = started.meter.keys;
    const isLls1 = protocol === "DSMR 2.2";
    const gasEntry = {
      identification: `GAS${identification}`,
      protocol: { name, version },
      gateway: { device: identification, channel: 1 },
      mbus: {
        identificationNumber: String(10_000_000 + meters),
        manufacturerIdentification: "LGB",
        version: 66,
        deviceType: 3,
      },
      keys: { G_METER_MASTER_KEY: toHex(DEFAULT_MBUS_KEY) },
      owner: ORGANISATION,
    };
    const keyed = new KeyedMeter(this, started.meter, gasEntry, started.close);
    await this.parts.load({
      devices: [
        meterEntry({
          identification,
          protocol: { name, version },
          port: started.port,
          hls5Active: !isLls1,
          lls1Active: isLls1,
          keys: {
            E_METER_MASTER_KEY: toHex(master),
            [AUTHENTICATION]: toHex(authentication),
            [ENCRYPTION]: toHex(encryptionUnicast),
            LLS_PASSWORD: Buffer.from(password).toString(),
          },
          ...device,
        }),
        gasEntry,
      ],
    });
    this.#meters.push(keyed);
    return keyed;
  }

  /** A key as callers send it. */
  sealed(key: Uint8Array): string {
    return toHex(publicEncrypt({ key: this.platformKeys.publicKey, ...OAEP }, key));
  }

  replaceKeys(authentication: Uint8Array, encryption: Uint8Array): Action {
    return {
      operation: "ReplaceKeys",
      request: { authenticationKey: this.sealed(authentication), encryptionKey: this.sealed(encryption) },
    };
  }

  /** Registers the key pair of an application; returns its private key in PEM. */
  async registerApplication(application: string): Promise<string> {
    const pair = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    await new ApplicationKeys(this.parts.store.devices).add(
      ORGANISATION,
      application,
      Buffer.from(pair.publicKey),
      "key",
    );
    return pair.privateKey;
  }

  async closeMeters(): Promise<void> {
    for (const meter of this.#meters.splice(0)) await meter.close();
  }

  async close(): Promise<void> {
    await this.closeMeters();
    await this.parts.close();
  }
}
