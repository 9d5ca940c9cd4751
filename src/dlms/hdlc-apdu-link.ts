import { DlmsError } from "./errors.ts";
import { type HdlcClientOptions, type HdlcEvent, HdlcLink, type HdlcServerOptions } from "./hdlc-link.ts";
import type { Link, LinkEvent } from "./link.ts";

/** HDLC as the link of a client or a server; the logical device alone stands for the server's address. */
export class HdlcApduLink implements Link {
  readonly #hdlc: HdlcLink;
  #peers = { client: 0, server: 0 };

  /** @throws DlmsError `local/invalid-value` for an address or a parameter out of range. */
  constructor(options: HdlcClientOptions | HdlcServerOptions) {
    this.#hdlc = new HdlcLink(options);
  }

  open(): void {
    this.#hdlc.connect();
  }

  close(): void {
    this.#hdlc.disconnect();
  }

  send(apdu: Uint8Array): void {
    this.#hdlc.send(apdu);
  }

  receive(bytes: Uint8Array): void {
    this.#hdlc.receive(bytes);
  }

  nextEvent(): LinkEvent | undefined {
    const event = this.#hdlc.nextEvent();
    return event && this.#translate(event);
  }

  #translate(event: HdlcEvent): LinkEvent {
    switch (event.type) {
      case "send":
        return event;
      case "connected":
        this.#peers = { client: event.client, server: event.server.upper };
        return { type: "opened" };
      case "message":
        return { type: "apdu", bytes: event.bytes, ...this.#peers };
      case "disconnected":
        return { type: "closed" };
      case "failed":
        return { type: "closed", error: event.error };
      case "damaged": {
        const { reason } = event;
        return {
          type: "frame-dropped",
          error: new DlmsError("remote/frame-check", `a frame was damaged: ${reason}`, { reason }),
        };
      }
    }
  }
}
