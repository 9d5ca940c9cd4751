import { createServer } from "node:http";

/** A SIM card of the simulated provider. */
export interface SimCard {
  /** Where its session is; undefined while it has none. */
  address: string | undefined;
  /** How many SMS it was sent. */
  sms: number;
  /** What an SMS does to the meter that the card is in: usually it begins a session. */
  onSms(): void;
}

/** How the provider may be rude. */
export interface SessionApiBehaviour {
  /** Answered in place of the truth. */
  status?: number | undefined;
  /** Sent in place of what there is to tell of a session. */
  body?: string | undefined;
}

/** Plays the REST interface of who runs a mobile network, on a free port of loopback: sends SMS, tells of sessions. */
export class SimulatedSessionApi {
  readonly cards = new Map<string, SimCard>();
  readonly behaviour: SessionApiBehaviour = {};
  readonly url: string;
  readonly close: () => Promise<void>;

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.close = close;
  }

  static async start(user: string, password: string): Promise<SimulatedSessionApi> {
    const expected = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    const server = createServer((request, response) => {
      request.resume();
      const { status, body } = request.headers.authorization === expected ? api.#answer(request) : { status: 401 };
      response.writeHead(status, { "content-type": "application/json" }).end(body ?? "{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const close = async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
    const { port } = server.address() as { port: number };
    const api = new SimulatedSessionApi(`http://127.0.0.1:${port}/rws/api/v1`, close);
    return api;
  }

  #answer({ method, url = "" }: { method?: string | undefined; url?: string | undefined }): {
    status: number;
    body?: string;
  } {
    const [, iccId = "", what] = /^\/rws\/api\/v1\/devices\/([^/]+)\/(\w+)$/.exec(url) ?? [];
    const card = this.cards.get(decodeURIComponent(iccId));
    if (this.behaviour.status !== undefined) return { status: this.behaviour.status };
    if (!card) return { status: 404 };
    if (method === "GET" && what === "sessionInfo") return { status: 200, body: this.#sessionOf(iccId, card) };
    if (method !== "POST" || what !== "smsMessages") return { status: 405 };
    card.sms += 1;
    card.onSms();
    return { status: 200, body: JSON.stringify({ smsMessageId: card.sms }) };
  }

  #sessionOf(iccid: string, { address }: SimCard): string {
    if (this.behaviour.body !== undefined) return this.behaviour.body;
    const started = "2026-01-09 10:00:00.000+0000";
    const ended = address === undefined ? "2026-01-09 11:00:00.000+0000" : null;
    const ipAddress = address ?? "10.9.8.7";
    return JSON.stringify({ iccid, ipAddress, dateSessionStarted: started, dateSessionEnded: ended });
  }
}
