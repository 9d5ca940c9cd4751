import type { ServerResponse } from "node:http";
import { Router } from "express";
import type { Clock } from "../lib/clock.ts";

/** What is served under a host. */
export interface HttpApp {
  /** Its paths. Whatever a handler throws, or rejects with, the host answers. */
  readonly router: Router;
  /** What the answer to a path that nobody knows says about this application. */
  readonly signpost: (path: string) => string;
}

/**
 * An empty router: paths in whatever case, with or without the slash at the end. Routers are all that is taken of
 * express: an application of it exchanges the prototypes of each request and response, which costs as much processor
 * time as answering a message. So handlers have what node:http gives them, and `send`.
 */
export function newRouter(): Router {
  return Router();
}

/** Path, as a key, and query of a request target, which may be a whole URL (RFC 9112, section 3.2.2). */
export function splitTarget(target = ""): { path: string; query: string } {
  const local = target.startsWith("/") ? target : target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, "");
  const mark = local.indexOf("?");
  return { path: pathKey(mark < 0 ? local : local.slice(0, mark)), query: mark < 0 ? "" : local.slice(mark + 1) };
}

/** How paths are compared: in whatever case, with or without the slash at the end. */
export function pathKey(path: string): string {
  return (path.endsWith("/") ? path.slice(0, -1) : path).toLowerCase();
}

const TEXT_TYPE = "text/plain; charset=utf-8";

/** Sends a whole answer, unless one has begun or the caller is gone. */
export function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { "content-type": type, "content-length": body.byteLength, ...headers });
  response.end(body);
}

/** How long whoever reads an answer part by part may take for one of them. */
const PART_TIMEOUT_MS = 300_000;

/**
 * Sends an answer part by part, with as much in memory as whoever reads it has not taken yet. When the caller goes away or
 * reads too slowly, the connection is closed and no more parts are asked for.
 * @throws whatever the parts throw; the caller then sees an answer that breaks off
 */
export async function sendParts(
  response: ServerResponse,
  type: string,
  first: Uint8Array,
  rest: AsyncIterable<Uint8Array>,
  clock: Clock,
): Promise<void> {
  response.writeHead(200, { "content-type": type });
  try {
    await write(response, first, clock);
    for await (const part of rest) {
      if (response.destroyed) return;
      await write(response, part, clock);
    }
    response.end();
  } catch (error) {
    response.destroy();
    throw error;
  }
}

/** Resolves when the part is on its way, or the connection is gone. */
async function write(response: ServerResponse, part: Uint8Array, clock: Clock): Promise<void> {
  if (response.destroyed || response.write(part)) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      cancel();
      response.off("drain", done).off("close", done);
      resolve();
    };
    const cancel = clock.after(PART_TIMEOUT_MS, () => response.destroy());
    response.on("drain", done).on("close", done);
  });
}

/** Sends a line of text. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  send(response, status, TEXT_TYPE, Buffer.from(`${text}\n`), headers);
}
