import { parentPort } from "node:worker_threads";
import type { HeaderBlock } from "../envelope.ts";
import { SoapFault } from "../fault.ts";
import { openSignedMessage, type SignedMessage } from "./signed-message.ts";

/** A message whose signature is to be verified. */
export interface ToThread {
  readonly number: number;
  readonly text: string;
  readonly headers: readonly HeaderBlock[];
}

/** What came of it. */
export type FromThread = { readonly number: number } & (
  | { readonly signed: Omit<SignedMessage, "certificate"> & { readonly certificate: Uint8Array } }
  | { readonly refused: string }
  | { readonly failed: string }
);

function open({ number, text, headers }: ToThread): FromThread {
  try {
    const { certificate, ...signed } = openSignedMessage(text, headers);
    return { number, signed: { ...signed, certificate: certificate.raw } };
  } catch (error) {
    if (error instanceof SoapFault) return { number, refused: error.message };
    return { number, failed: (error as Error).message };
  }
}

parentPort?.on("message", (message: ToThread) => parentPort?.postMessage(open(message)));
