import { connect, type Socket } from "node:net";

/** What a load run came to. */
export interface LoadResult {
  readonly count: number;
  readonly perSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** HTTP/1.1 request without a body, ready to be written. */
export function getRequest(path: string): Buffer {
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
}

/** HTTP/1.1 request with a body, ready to be written. */
export function postRequest(path: string, body: string): Buffer {
  const octets = Buffer.from(body);
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml; charset=utf-8\r\nSOAPAction: ""\r\nContent-Length: ${octets.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), octets]);
}

const HEAD_END = Buffer.from("\r\n\r\n");
const LAST_CHUNK = Buffer.from("\r\n0\r\n\r\n");

/** One keep-alive connection that sends again whenever the answer is complete. */
function client(
  socket: Socket,
  request: () => Buffer,
  mayGoOn: () => boolean,
  answered: (ms: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let buffer = Buffer.alloc(0);
    let sentMs = 0;
    const send = () => {
      sentMs = performance.now();
      socket.write(request());
    };
    socket.on("error", reject);
    socket.on("data", (octets) => {
      buffer = buffer.length === 0 ? octets : Buffer.concat([buffer, octets]);
      const headEnd = buffer.indexOf(HEAD_END);
      if (headEnd < 0) return;
      const head = buffer.toString("latin1", 0, headEnd);
      if (!head.startsWith("HTTP/1.1 200")) {
        reject(new RangeError(`unexpected answer: ${buffer.toString("latin1").slice(0, 600)}`));
        return;
      }
      const length = /content-length: *(\d+)/i.exec(head)?.[1];
      const end = length === undefined ? buffer.indexOf(LAST_CHUNK) + LAST_CHUNK.length : headEnd + 4 + Number(length);
      if (end < LAST_CHUNK.length || buffer.length < end) return;
      buffer = buffer.subarray(end);
      answered(performance.now() - sentMs);
      if (mayGoOn()) send();
      else {
        socket.destroy();
        resolve();
      }
    });
    socket.on("connect", send);
  });
}

/**
 * Sends requests over keep-alive connections, each client the next one when it has its answer.
 * @param request what to send; called for each
 */
export async function load(
  port: number,
  clients: number,
  durationMs: number,
  request: () => Buffer,
): Promise<LoadResult> {
  const latenciesMs: number[] = [];
  const startMs = performance.now();
  const mayGoOn = () => performance.now() - startMs < durationMs;
  await Promise.all(
    Array.from({ length: clients }, () =>
      client(connect({ port, host: "127.0.0.1", noDelay: true }), request, mayGoOn, (ms) => latenciesMs.push(ms)),
    ),
  );
  const tookS = (performance.now() - startMs) / 1000;
  latenciesMs.sort((a, b) => a - b);
  const at = (share: number) =>
    latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * share))] ?? 0;
  return { count: latenciesMs.length, perSecond: latenciesMs.length / tookS, medianMs: at(0.5), p99Ms: at(0.99) };
}
