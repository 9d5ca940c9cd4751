import { MetergateError } from "../../../domain/errors.ts";
import type { HttpAnswer, HttpClient } from "../../../transport/http-client.ts";
import { bareAddress, isIpAddress } from "../../../transport/ip-address.ts";
import type { SessionProvider } from "./session-provider.ts";

/** An account with a provider whose REST interface is the usual one of SIM platforms (Cisco Control Center, Jasper). */
export interface SessionAccount {
  /** Of the interface, such as `https://api.example/rws/api/v1/`. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

const TIMEOUT_MS = 30_000;
const NOT_FOUND = 404;
/** The text is empty: that it comes is what wakes the meter. A validity of 0 is five minutes (3GPP TS 23.040, 9.2.3.12.1). */
const WAKE_UP = JSON.stringify({ messageText: "", tpvp: 0 });

/** What is told of a session. It is there from its start until it has an end. */
interface SessionInfo {
  readonly ipAddress?: unknown;
  readonly dateSessionStarted?: unknown;
  readonly dateSessionEnded?: unknown;
}

/** `POST devices/{iccid}/smsMessages` and `GET devices/{iccid}/sessionInfo`, with basic authentication. */
export class HttpSessionProvider implements SessionProvider {
  readonly #name: string;
  readonly #account: SessionAccount;
  readonly #http: Pick<HttpClient, "request">;

  /** @param name for errors */
  constructor(name: string, account: SessionAccount, http: Pick<HttpClient, "request">) {
    this.#name = name;
    this.#account = account;
    this.#http = http;
  }

  async addressOf(iccId: string, signal: AbortSignal): Promise<string | undefined> {
    const { body } = await this.#ask("GET", iccId, "sessionInfo", signal);
    const { ipAddress, dateSessionStarted, dateSessionEnded } = this.#read(body);
    if (!dateSessionStarted || dateSessionEnded) return undefined;
    if (typeof ipAddress === "string" && isIpAddress(ipAddress)) return bareAddress(ipAddress);
    throw this.#error("it tells of a session without an IP address");
  }

  async wake(iccId: string, signal: AbortSignal): Promise<void> {
    await this.#ask("POST", iccId, "smsMessages", signal, WAKE_UP);
  }

  async #ask(method: "GET" | "POST", iccId: string, what: string, signal: AbortSignal, body?: string) {
    const { url, user, password } = this.#account;
    const answer = await this.#send({
      method,
      url: new URL(`devices/${encodeURIComponent(iccId)}/${what}`, url.endsWith("/") ? url : `${url}/`),
      headers: {
        accept: "application/json",
        authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      body,
      // The operator says who the providers are.
      isAllowed: () => true,
      timeoutMs: TIMEOUT_MS,
      signal,
    });
    if (answer.status === NOT_FOUND) {
      throw new MetergateError(
        "INVALID_ICCID",
        `the session provider ${this.#name} does not know the SIM card ${iccId}`,
      );
    }
    if (answer.status < 200 || answer.status > 299)
      throw this.#error(`it answers ${what} with status ${answer.status}`);
    return answer;
  }

  async #send(request: Parameters<HttpClient["request"]>[0]): Promise<HttpAnswer> {
    try {
      return await this.#http.request(request);
    } catch (error) {
      if (error instanceof MetergateError) throw this.#error(error.message, error);
      throw error;
    }
  }

  #read(body: string): SessionInfo {
    try {
      const value: unknown = JSON.parse(body);
      if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
    } catch {
      // Below.
    }
    throw this.#error("what it tells of a session is no JSON object");
  }

  #error(text: string, cause?: unknown): MetergateError {
    return new MetergateError("SESSION_PROVIDER_ERROR", `the session provider ${this.#name}: ${text}`, { cause });
  }
}
