import { MetergateError } from "../../domain/errors.ts";
import type { CloudDeviceId } from "../../smart-energy/device-id.ts";
import { SmartEnergyFormatError } from "../../smart-energy/errors.ts";
import {
  readSciReply,
  type SciReply,
  type SciRequest,
  writeFirmwareUpdate,
  writeSciRequest,
} from "../../smart-energy/sci.ts";
import type { HttpAnswer, HttpRequest } from "../../transport/http-client.ts";

/** An account of Device Cloud. */
export interface CloudAccount {
  /** Without a path. */
  readonly cloud: string;
  readonly user: string;
  readonly password: string;
}

/** The part of an HTTP client that is used; it follows no redirect and believes whom TLS proves only. */
export interface CloudHttp {
  request(request: HttpRequest): Promise<HttpAnswer>;
}

/** A message to a gateway as far as this client leaves it open. */
export type Message = Omit<SciRequest, "isSynchronous" | "syncTimeoutS">;

const SCI = "/ws/sci";
/** How much sooner than we the cloud is to give up, so that its reason arrives. */
const HEAD_START_MS = 5_000;
const LONGEST_SYNC_S = 300;

/** Speaks SCI to Device Cloud: one HTTP exchange a call, none of them repeated. */
export class CloudClient {
  readonly #http: CloudHttp;
  readonly #timeoutMs: number;

  constructor(http: CloudHttp, timeoutMs: number) {
    this.#http = http;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Has the cloud hand a message over and waits for what the gateway says to it at once.
   * @throws MetergateError when the cloud could not be asked, or refuses; whether the gateway got it is open then
   */
  async send(account: CloudAccount, message: Message, signal: AbortSignal): Promise<SciReply> {
    const seconds = Math.floor(Math.max(this.#timeoutMs - HEAD_START_MS, this.#timeoutMs / 2) / 1000);
    const syncTimeoutS = Math.min(LONGEST_SYNC_S, Math.max(1, seconds));
    return this.#read(await this.#post(account, { ...message, isSynchronous: true, syncTimeoutS }, signal));
  }

  /** Has the cloud take a message over, to be handed over by a job. @throws MetergateError as `send` */
  async start(account: CloudAccount, message: Message, signal: AbortSignal): Promise<string> {
    const answer = await this.#post(account, { ...message, isSynchronous: false }, signal);
    const { jobId, error } = this.#read(answer);
    if (jobId && /^\d{1,20}$/.test(jobId)) return jobId;
    throw new MetergateError("ILLEGAL_RESPONSE", `Device Cloud started no job: ${error ?? "no number of one"}`);
  }

  /** Has the cloud give a gateway an image, which it says no more of. @throws MetergateError as `send` */
  async updateFirmware(
    account: CloudAccount,
    { deviceId, image }: { readonly deviceId: CloudDeviceId; readonly image: Uint8Array },
    signal: AbortSignal,
  ): Promise<SciReply> {
    const body = writeFirmwareUpdate(deviceId, Buffer.from(image).toString("base64"));
    return this.#read(await this.#exchange(account, { method: "POST", path: SCI, body }, signal));
  }

  /** What a job has come to; undefined when the cloud knows no such job. @throws MetergateError as `send` */
  async job(account: CloudAccount, jobId: string, signal: AbortSignal): Promise<SciReply | undefined> {
    const answer = await this.#exchange(account, { method: "GET", path: `${SCI}/${jobId}` }, signal);
    return answer.status === 404 ? undefined : this.#read(answer);
  }

  /** Has the cloud forget a job; one that is gone already is as good. @throws MetergateError as `send` */
  async forget(account: CloudAccount, jobId: string, signal: AbortSignal): Promise<void> {
    const answer = await this.#exchange(account, { method: "DELETE", path: `${SCI}/${jobId}` }, signal);
    if (answer.status !== 404) requireDone(answer);
  }

  /** What the cloud knows under some address. @throws MetergateError as `send` */
  async get(account: CloudAccount, path: string, signal: AbortSignal): Promise<string> {
    const answer = await this.#exchange(account, { method: "GET", path }, signal);
    requireDone(answer);
    return answer.body;
  }

  #post(account: CloudAccount, request: SciRequest, signal: AbortSignal): Promise<HttpAnswer> {
    return this.#exchange(account, { method: "POST", path: SCI, body: writeSciRequest(request) }, signal);
  }

  #exchange(
    { cloud, user, password }: CloudAccount,
    { method, path, body }: { method: HttpRequest["method"]; path: string; body?: string },
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const credentials = Buffer.from(`${user}:${password}`).toString("base64");
    return this.#http.request({
      ...{ method, body, signal, timeoutMs: this.#timeoutMs },
      url: new URL(path, cloud),
      headers: { authorization: `Basic ${credentials}`, ...(body && { "content-type": "text/xml" }) },
      // Operators alone name clouds.
      isAllowed: () => true,
    });
  }

  #read(answer: HttpAnswer): SciReply {
    requireDone(answer);
    try {
      return readSciReply(answer.body);
    } catch (error) {
      if (!(error instanceof SmartEnergyFormatError)) throw error;
      throw new MetergateError("ILLEGAL_RESPONSE", `Device Cloud answered with ${error.message}`);
    }
  }
}

/** Statuses with a meaning of their own here; what is said with them may repeat what was sent, and is left out. */
function requireDone({ status }: HttpAnswer): void {
  if (status >= 200 && status < 300) return;
  if (status === 401 || status === 403) {
    throw new MetergateError("AUTHENTICATION_ERROR", `Device Cloud refused the account: HTTP ${status}`);
  }
  if (status === 429 || status >= 500) {
    throw new MetergateError("CONNECTION_ERROR", `Device Cloud answered with HTTP ${status}`);
  }
  const redirect = status >= 300 && status < 400 ? ", a redirect, which is not followed" : "";
  throw new MetergateError("ILLEGAL_RESPONSE", `Device Cloud answered with HTTP ${status}${redirect}`, {
    retry: false,
  });
}
