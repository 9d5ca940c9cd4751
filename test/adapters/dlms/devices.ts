import type { DlmsAddress, DlmsDevice, SecurityFlags } from "../../../src/adapters/dlms/device.ts";
import type { KeyPorts } from "../../../src/adapters/dlms/key-ports.ts";
import type { CounterStore, DeviceRecords, SecretStore } from "../../../src/adapters/dlms/ports.ts";
import type { Coupling, LifecycleStatus, SecretType } from "../../../src/domain/device.ts";
import { MetergateError } from "../../../src/domain/errors.ts";
import type { DeviceMessage, DeviceMessages } from "../../../src/domain/family-ports.ts";
import type { CommunicationSettings } from "../../../src/operations/management/set-device-communication-settings.ts";

const NO_SECURITY: SecurityFlags = { hls5Active: false, hls4Active: false, hls3Active: false, lls1Active: false };

/** What tests say about a device; the rest is usual: SMR 5.1 with HLS5 at a port that nobody listens on. */
export interface TestDevice {
  readonly identification?: string;
  readonly protocol?: string;
  readonly security?: Partial<SecurityFlags>;
  readonly address?: Partial<DlmsAddress>;
  readonly timezone?: string;
}

export function testDevice({
  identification = "TEST1024000000001",
  protocol = "SMR 5.1",
  security = { hls5Active: true },
  address = {},
  timezone = "Europe/Amsterdam",
}: TestDevice = {}): DlmsDevice {
  const [name = "", version = ""] = protocol.split(" ");
  return {
    identification,
    family: "dlms",
    protocol: { name, version },
    timezone,
    security: { ...NO_SECURITY, ...security },
    dlms: {
      host: "127.0.0.1",
      port: 1,
      logicalDevice: 1,
      useHdlc: false,
      useSn: false,
      challengeLength: 16,
      withListMax: 1,
      selectiveAccessSupported: true,
      ...address,
    },
  };
}

/** Secrets by type, the same for every device. */
export class TestSecrets implements SecretStore {
  readonly #secrets: Partial<Record<SecretType, Uint8Array>>;
  readonly reads: string[] = [];

  constructor(secrets: Partial<Record<SecretType, Uint8Array>>) {
    this.#secrets = secrets;
  }

  async getActive(device: string, type: SecretType, { purpose }: { purpose: string }): Promise<Uint8Array | null> {
    this.reads.push(`${device} ${type} ${purpose}`);
    return this.#secrets[type] ?? null;
  }

  async getTogether(device: string, wanted: readonly { type: SecretType }[], { purpose }: { purpose: string }) {
    return wanted.map(({ type }) => {
      this.reads.push(`${device} ${type} ${purpose}`);
      const secret = this.#secrets[type];
      if (!secret) throw new MetergateError("KEY_NOT_PRESENT", `${device} has no ${type}`);
      return secret;
    });
  }
}

/** For tests in which no key changes: there is nothing to recover from, and everything else fails. */
export function keysAtRest(secrets: SecretStore): KeyPorts {
  const unused = () => Promise.reject(new RangeError("no key changes in this test"));
  const vault = {
    getActive: secrets.getActive.bind(secrets),
    getTogether: secrets.getTogether.bind(secrets),
    hasNew: async () => false,
    hadBefore: async () => false,
    ...{ getNew: unused, storeNew: unused, generateAndStoreNew: unused, broughtBy: unused, activate: unused },
  };
  return {
    vault,
    keyProcessing: { acquire: unused },
    platformKeys: {
      openKey: () => {
        throw new RangeError("no key changes in this test");
      },
    },
    inventory: { find: unused, behind: unused, findMbusDevice: unused },
  };
}

/** The counter of one device in memory; `log` holds what was asked of it. */
export class TestCounters implements CounterStore {
  next: number | null;
  readonly log: string[] = [];

  constructor(next: number | null = 0) {
    this.next = next;
  }

  async current(): Promise<number | null> {
    return this.next;
  }

  async reserve(_device: string, count: number): Promise<{ from: number; to: number }> {
    const from = this.next ?? 0;
    this.next = from + count;
    this.log.push(`reserve ${count}`);
    return { from, to: from + count - 1 };
  }

  async reserveKnown(device: string, count: number): Promise<{ from: number; to: number } | undefined> {
    return this.next === null ? undefined : this.reserve(device, count);
  }

  async lend(_device: string, from: number, count: number): Promise<{ from: number; to: number }> {
    this.log.push(`lend ${from}`);
    return { from, to: from + count - 1 };
  }

  async restart(_device: string, value: number, from: number): Promise<boolean> {
    this.log.push(`restart ${value}`);
    if (this.next !== from) return false;
    this.next = value;
    return true;
  }

  async raise(_device: string, value: number): Promise<boolean> {
    this.log.push(`raise ${value}`);
    if (this.next !== null && value < this.next) {
      throw new MetergateError("ATTEMPT_TO_LOWER_INVOCATION_COUNTER", `${value} is lower than ${this.next}`);
    }
    const isHigher = value !== this.next;
    this.next = value;
    return isHigher;
  }
}

/** Keeps what a conversation taught. */
export class TestRecords implements DeviceRecords {
  readonly log: unknown[] = [];

  async setTimezone(device: string, timezone: string): Promise<void> {
    this.log.push([device, timezone]);
  }

  learnFirmwareVersions(device: string, versions: readonly { module: string; version: string }[]): void {
    this.log.push([device, ...versions.map(({ module, version }) => `${module} ${version}`)]);
  }

  async setCommunication(device: string, settings: CommunicationSettings): Promise<void> {
    this.log.push([device, settings]);
  }

  async setLifecycleStatus(device: string, status: LifecycleStatus): Promise<void> {
    this.log.push([device, status]);
  }

  async couple(device: string, gateway: Coupling | undefined): Promise<void> {
    this.log.push([device, gateway]);
  }

  async setSecurity(device: string, flags: Partial<SecurityFlags>): Promise<void> {
    this.log.push([device, flags]);
  }
}

/** Messages of devices that are debugged, in memory. */
export class TestMessages implements DeviceMessages {
  readonly kept: () => Promise<void> = async () => {};
  readonly list: DeviceMessage[] = [];

  keep(message: DeviceMessage): void {
    this.list.push(message);
  }
}

/** For assert.throws and assert.rejects: an error of ours with this code, and a text that fits. */
export const withCode =
  (code: string, text = /./) =>
  (error: unknown): boolean =>
    error instanceof MetergateError && error.code === code && text.test(error.message);
