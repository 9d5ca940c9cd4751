import { createHash } from "node:crypto";
import { type Clock, type Elapsed, plus, since } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";

/** What an account may do. */
export type Privilege = "unlimited_save" | "ctrl" | "view_settings";

export interface User {
  /** MD5 of name, realm and password, as the meter keeps it. */
  readonly hash: string;
  readonly privileges: readonly Privilege[];
}

export const REALM = "eGauge Administration";

/** Seconds between boots, of operations and others; a test makes them short. */
export interface Pace {
  readonly rebootDelay: number;
  readonly down: number;
  /** Of an update, from beginning to end. */
  readonly install: number;
  /** Of every other long operation. */
  readonly operation: number;
  readonly tokenLife: number;
  readonly nonceLife: number;
}

const USUAL_PACE: Pace = { rebootDelay: 1, down: 30, install: 120, operation: 8, tokenLife: 600, nonceLife: 60 };

export interface EgaugeOptions {
  /** As the inventory calls it. */
  readonly identification: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly password?: string | undefined;
  readonly pace?: Partial<Pace> | undefined;
  readonly firmware?: string | undefined;
}

export function hashOf(user: string, password: string): string {
  return createHash("md5").update(`${user}:${REALM}:${password}`).digest("hex");
}

/** It has run for a day when the simulation begins. */
const UP_BEFORE_MS = 86_400_000;

/** Password on delivery. It protects nothing. */
export const FACTORY_PASSWORD = "default";

/** A network that the meter knows. */
export interface WlanNetwork {
  readonly id: number;
  readonly ssid: string;
  readonly hidden: boolean;
  readonly secured: boolean;
}

/** What a meter is and what it has been told. Times in seconds since 1970, by the meter's clock, unless they say other. */
export class MeterState {
  readonly identification: string;
  readonly random: Random;
  readonly pace: Pace;
  readonly #clock: Clock;
  readonly #startedAtMs: number;
  readonly #started: Elapsed;
  readonly #password: string;

  firmware: string;
  kernel = "5.10.17";
  /** Newest versions by branch; the empty one is the default. */
  readonly newest: Record<string, { fw: string; kernel: string; minimum: string }> = {
    "": { fw: "4.7.2", kernel: "5.15.4", minimum: "4.4" },
    testing: { fw: "4.8.0", kernel: "6.1.9", minimum: "4.5" },
  };
  /** By how many milliseconds its clock is ahead. */
  clockAheadMs = 0;
  ntpServer = "pool.ntp.org";
  zone = "CET-1CEST,M3.5.0,M10.5.0/3";
  users = new Map<string, User>();
  wlan: WlanNetwork[] = [];
  selectedWlan: number | undefined;
  homeplug: { password: string; targets: readonly string[] } | undefined;
  activated = new Map<string, string>();
  webCacheFiles = 12;
  /** By remote register. */
  excess = new Map<string, number>();
  /** Whether settings wait for a reboot. */
  rebootPending = false;
  boots = 1;
  bootReason = "power-on";
  /** Told of each boot: the time by the meter's clock, and whether all is as on delivery. */
  onBoot = (_timeMs: number, _isReset: boolean): void => {};
  #booted: Elapsed;
  #down: { readonly from: Elapsed; readonly until: number } | undefined;

  constructor({ identification, clock, random, password, pace, firmware }: EgaugeOptions) {
    this.identification = identification;
    this.#clock = clock;
    this.random = random;
    this.pace = { ...USUAL_PACE, ...pace };
    this.#startedAtMs = clock.now();
    this.#started = clock.elapsed();
    this.#booted = plus(clock.elapsed(), -UP_BEFORE_MS);
    this.#password = password ?? FACTORY_PASSWORD;
    this.firmware = firmware ?? "4.6.1";
    this.reset(this.#password);
  }

  /** Everything as on delivery, with another password where it is kept in service. */
  reset(password = FACTORY_PASSWORD): void {
    this.users = new Map([
      ["owner", { hash: hashOf("owner", password), privileges: ["unlimited_save", "ctrl", "view_settings"] }],
      ["viewer", { hash: hashOf("viewer", password), privileges: [] }],
    ]);
    this.wlan = [{ id: 0, ssid: "cellar", hidden: false, secured: true }];
    this.selectedWlan = 0;
    this.homeplug = undefined;
    this.activated.clear();
    this.webCacheFiles = 12;
    this.excess = new Map([["Heat Pump", 5_400_000]]);
    this.rebootPending = false;
    this.ntpServer = "pool.ntp.org";
  }

  /** Seconds that have passed since the simulation began, by no clock that anybody sets. */
  get age(): number {
    return since(this.#clock, this.#started) / 1000;
  }

  /** Milliseconds since 1970 by the meter's clock. */
  get timeMs(): number {
    return this.trueTimeMs + this.clockAheadMs;
  }

  /** The same by the time servers' clocks. */
  get trueTimeMs(): number {
    return this.#startedAtMs + since(this.#clock, this.#started);
  }

  /** The meter's time as it writes it, with nanoseconds that say nothing. */
  get stamp(): string {
    return stampOf(this.timeMs);
  }

  get uptime(): number {
    return since(this.#clock, this.#booted) / 1000;
  }

  /** Whether somebody is there: a meter that reboots is away for a while. */
  get isUp(): boolean {
    this.#finishReboot();
    return !this.#down || since(this.#clock, this.#down.from) / 1000 < this.pace.rebootDelay;
  }

  /** @param after seconds from now on until it goes away */
  reboot(reason: string, finished: () => void = () => {}): void {
    this.#down = { from: this.#clock.elapsed(), until: this.pace.rebootDelay + this.pace.down };
    this.#whenUp = () => {
      this.bootReason = reason;
      this.rebootPending = false;
      finished();
      this.onBoot(this.timeMs, reason === "factory-restore");
    };
  }

  #whenUp = () => {};

  #finishReboot(): void {
    const down = this.#down;
    if (!down || since(this.#clock, down.from) / 1000 < down.until) return;
    this.#down = undefined;
    this.boots += 1;
    this.#booted = this.#clock.elapsed();
    this.#whenUp();
  }
}

/** Seconds since 1970 as a decimal text, exact to the millisecond and with nine digits. */
export function stampOf(ms: number): string {
  const whole = Math.round(ms);
  return `${Math.floor(whole / 1000)}.${String(((whole % 1000) + 1000) % 1000).padStart(3, "0")}000435`;
}
