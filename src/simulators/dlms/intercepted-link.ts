import type { Link, LinkEvent } from "../../dlms/link.ts";

export type ApduEvent = Extract<LinkEvent, { type: "apdu" }>;

/** A link that shows each APDU to somebody else first, who may keep it back. */
export class InterceptedLink implements Link {
  readonly #link: Link;
  readonly #passes: (event: ApduEvent) => boolean;
  readonly #injected: LinkEvent[] = [];

  /** @param passes whether an APDU goes on to the server; it may give it back later with `inject` */
  constructor(link: Link, passes: (event: ApduEvent) => boolean) {
    this.#link = link;
    this.#passes = passes;
  }

  /** Has an event come up as if it had just arrived, without being shown again. */
  inject(event: LinkEvent): void {
    this.#injected.push(event);
  }

  open(): void {
    this.#link.open();
  }

  close(): void {
    this.#link.close();
  }

  send(apdu: Uint8Array): void {
    this.#link.send(apdu);
  }

  receive(bytes: Uint8Array): void {
    this.#link.receive(bytes);
  }

  nextEvent(): LinkEvent | undefined {
    const injected = this.#injected.shift();
    if (injected) return injected;
    for (;;) {
      const event = this.#link.nextEvent();
      if (event?.type !== "apdu" || this.#passes(event)) return event;
    }
  }
}
