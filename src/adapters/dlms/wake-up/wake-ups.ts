import { MetergateError } from "../../../domain/errors.ts";
import { type Clock, sleep } from "../../../lib/clock.ts";
import type { DlmsDevice } from "../device.ts";
import type { SessionProvider } from "./session-provider.ts";

/** How long a push is waited for before the provider is asked again, and how often: the SMS is valid for five minutes. */
const LOOK_EVERY_MS = 10_000;
const MOST_LOOKS = 30;

/** Somebody who waits for a meter to come up. */
interface Waiter {
  /** Where the meter's push came from. */
  announced: string | undefined;
  readonly heard: AbortController;
}

/**
 * Finds meters that have no fixed address: asks their network's provider where they are, wakes those that are nowhere,
 * and waits until they push that they are awake or the provider sees them. What a push says of an address is nobody's
 * proof: it is a reason to ask the provider at once, it is believed only where the provider knows nothing yet, only for a
 * meter that was just woken, for one connection, and is not kept.
 */
export class WakeUps {
  readonly #providers: ReadonlyMap<string, SessionProvider>;
  readonly #clock: Clock;
  readonly #waiters = new Map<string, Set<Waiter>>();

  /** @param providers by the names that records of devices have for them */
  constructor(providers: ReadonlyMap<string, SessionProvider>, clock: Clock) {
    this.#providers = providers;
    this.#clock = clock;
  }

  /** A meter pushed that it is awake. @param address where that came from */
  announce(device: string, address: string): void {
    for (const waiter of this.#waiters.get(device) ?? []) {
      waiter.announced = address;
      waiter.heard.abort();
    }
  }

  /**
   * The device with the address that it has now: the one of its record when it stays there, or when nobody can be asked.
   * @throws MetergateError INVALID_ICCID, SESSION_PROVIDER_ERROR; CONNECTION_ERROR when the run was aborted
   */
  async locate(device: DlmsDevice, signal: AbortSignal): Promise<DlmsDevice> {
    const { dlms, identification, iccId, communicationProvider = "" } = device;
    if (dlms?.ipAddressIsStatic !== false || this.#providers.size === 0) return device;
    if (!iccId) throw new MetergateError("INVALID_ICCID", `${identification} has no fixed address and no iccId`);
    const provider = this.#providers.get(communicationProvider);
    if (!provider) {
      const text = `${identification}: there is no session provider with the name "${communicationProvider}"`;
      throw new MetergateError("SESSION_PROVIDER_ERROR", text, { retry: false });
    }
    const host = (await provider.addressOf(iccId, signal)) ?? (await this.#wake(device, iccId, provider, signal));
    return { ...device, dlms: { ...dlms, host } };
  }

  async #wake(
    { identification }: DlmsDevice,
    iccId: string,
    provider: SessionProvider,
    signal: AbortSignal,
  ): Promise<string> {
    const waiter: Waiter = { announced: undefined, heard: new AbortController() };
    const waiters = this.#waiters.get(identification) ?? new Set();
    this.#waiters.set(identification, waiters.add(waiter));
    try {
      await provider.wake(iccId, signal);
      for (let looks = 0; looks < MOST_LOOKS; looks++) {
        await sleep(this.#clock, LOOK_EVERY_MS, AbortSignal.any([signal, waiter.heard.signal]));
        if (signal.aborted)
          throw new MetergateError("CONNECTION_ERROR", "the wait for the meter to wake was broken off");
        const host = (await provider.addressOf(iccId, signal)) ?? waiter.announced;
        if (host !== undefined) return host;
      }
    } finally {
      waiters.delete(waiter);
      if (waiters.size === 0) this.#waiters.delete(identification);
    }
    const seconds = (MOST_LOOKS * LOOK_EVERY_MS) / 1000;
    throw new MetergateError(
      "SESSION_PROVIDER_ERROR",
      `${identification} was sent an SMS and is nowhere ${seconds} s later`,
    );
  }
}
