import { X509Certificate } from "node:crypto";
import { Worker } from "node:worker_threads";
import { MetergateError } from "../../domain/errors.ts";
import { IS_SOURCE, PACKAGE_ROOT } from "../../lib/package-root.ts";
import type { HeaderBlock } from "../envelope.ts";
import { SoapFault } from "../fault.ts";
import { openSignedMessage, type SignedMessage } from "./signed-message.ts";
import type { FromThread, ToThread } from "./thread.ts";

/** Characters of a message that is read at once: a longer one would keep others waiting, 3 ms for each 1,000 characters. */
const SHORT = 8_192;
/** Messages that may wait for the thread; they have proved to come from who may sign. */
const MOST_WAITING = 64;
/** The thread's module. From sources, it needs the `--import` of a loader for TypeScript, which threads inherit. */
const THREAD = new URL(IS_SOURCE ? "src/soap/security/thread.ts" : "dist/signatures.js", PACKAGE_ROOT);

interface Waiting {
  resolve(message: SignedMessage): void;
  reject(error: unknown): void;
}

/** Verifies signatures: of long messages in a thread, which is started with the first of them, so that nobody waits. */
export class SignatureThread {
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #number = 0;

  /**
   * As {@link openSignedMessage}.
   * @throws SoapFault Client that says why the signature is refused; MetergateError SERVICE_BUSY when too many wait
   */
  async open(text: string, headers: readonly HeaderBlock[]): Promise<SignedMessage> {
    if (text.length <= SHORT) return openSignedMessage(text, headers);
    if (this.#waiting.size >= MOST_WAITING) {
      throw new MetergateError("SERVICE_BUSY", "Too many long signed messages are being verified; send again");
    }
    this.#worker ??= this.#start();
    this.#worker.ref();
    this.#number += 1;
    const message: ToThread = { number: this.#number, text, headers };
    return new Promise((resolve, reject) => {
      this.#waiting.set(message.number, { resolve, reject });
      this.#worker!.postMessage(message);
    });
  }

  #start(): Worker {
    const worker = new Worker(THREAD, { name: "signatures" });
    const end = (reason: string) => {
      if (this.#worker === worker) this.#worker = undefined;
      for (const { reject } of this.#waiting.values()) reject(new MetergateError("INTERNAL", reason));
      this.#waiting.clear();
    };
    worker.on("message", (message: FromThread) => this.#hear(message));
    worker.on("error", ({ message }) => end(`the thread of signatures failed: ${message}`));
    worker.on("exit", () => end("the thread of signatures has ended"));
    return worker;
  }

  #hear(message: FromThread): void {
    const waiting = this.#waiting.get(message.number);
    this.#waiting.delete(message.number);
    // Nobody who waits for the process to end waits for a thread that has nothing to do.
    if (this.#waiting.size === 0) this.#worker?.unref();
    if ("signed" in message) {
      const { certificate, ...signed } = message.signed;
      waiting?.resolve({ ...signed, certificate: new X509Certificate(certificate) });
    } else if ("refused" in message) waiting?.reject(new SoapFault("Client", message.refused));
    else waiting?.reject(new MetergateError("INTERNAL", message.failed));
  }
}
