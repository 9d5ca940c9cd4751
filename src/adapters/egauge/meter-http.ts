import { MetergateError } from "../../domain/errors.ts";
import type { HttpClient } from "../../transport/http-client.ts";
import type { EgaugeDevice } from "./device.ts";
import type { MeterTrace } from "./trace.ts";

export interface MeterRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below `/api`, with its query: `/cmd/reboot`. */
  readonly path: string;
  /** Anything that JSON has, null too; absent for no body. */
  readonly body?: unknown;
  readonly token?: string | undefined;
}

export interface MeterAnswer {
  readonly status: number;
  /** Undefined when the body is empty. */
  readonly body: unknown;
}

/** JSON over HTTP with one meter. */
export class MeterHttp {
  readonly #http: HttpClient;
  readonly #address: EgaugeDevice["egauge"];
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal;
  readonly #trace: MeterTrace | undefined;

  /** @param trace of a meter that is debugged */
  constructor(
    http: HttpClient,
    address: EgaugeDevice["egauge"],
    timeoutMs: number,
    signal: AbortSignal,
    trace?: MeterTrace,
  ) {
    this.#trace = trace;
    this.#http = http;
    this.#address = address;
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
  }

  /** @throws MetergateError ILLEGAL_RESPONSE when the answer is no JSON; what HttpClient throws */
  async send({ method, path, body, token }: MeterRequest): Promise<MeterAnswer> {
    const { host, port, useHttps, authorities, serverName } = this.#address;
    const bracketed = host.includes(":") ? `[${host}]` : host;
    this.#trace?.sent(method, path, body);
    const answer = await this.#http.request({
      method,
      url: new URL(`${useHttps ? "https" : "http"}://${bracketed}:${port}/api${path}`),
      headers: {
        accept: "application/json",
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      // The operator's devices file says where meters are: on networks of their own as a rule.
      isAllowed: () => true,
      tls: { authorities, serverName },
      ...{ timeoutMs: this.#timeoutMs, signal: this.#signal },
    });
    const parsed = this.#parse(answer);
    this.#trace?.heard(answer.status, parsed);
    return { status: answer.status, body: parsed };
  }

  #parse({ status, body }: { status: number; body: string }): unknown {
    if (body.trim() === "") return undefined;
    try {
      return JSON.parse(body);
    } catch {
      // Proxies tell what they could not do in HTML.
      if (status >= 400) return undefined;
      throw new MetergateError(
        "ILLEGAL_RESPONSE",
        `an answer of ${this.#address.host} with HTTP status ${status} is no JSON`,
      );
    }
  }
}
