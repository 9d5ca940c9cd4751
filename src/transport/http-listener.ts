import { createServer, type IncomingMessage } from "node:http";
import { type OpenPort, openHttpPort } from "./open-port.ts";
import { sourceOf } from "./source.ts";

/** A request as it came, whole. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** Address that it came from. */
  readonly source: string;
}

export interface HttpListenerLimits {
  /** Octets of a body. */
  readonly mostOctets: number;
  /** Milliseconds for a whole request. */
  readonly requestTimeoutMs: number;
  readonly connections: number;
}

/**
 * Takes requests of machines that push, and answers each with a status alone.
 * @param handle gives the status; what it throws is 500
 * @param port 0 takes a free one
 */
export async function listenHttp(
  host: string,
  port: number,
  { mostOctets, requestTimeoutMs, connections }: HttpListenerLimits,
  handle: (request: ReceivedRequest) => Promise<number>,
): Promise<OpenPort> {
  const server = createServer({ requestTimeout: requestTimeoutMs }, (request, response) => {
    const answer = (status: number) => {
      response.writeHead(status, { "content-length": 0, connection: status === 200 ? "keep-alive" : "close" }).end();
    };
    readBody(request, mostOctets).then(
      async (body) => {
        if (!body) return answer(413);
        const { method = "", url = "", headers } = request;
        const source = sourceOf(request.socket.remoteAddress ?? "");
        answer(await handle({ method, target: url, headers, body, source }).catch(() => 500));
      },
      () => request.destroy(),
    );
  });
  server.maxConnections = connections;
  return await openHttpPort(server, host, port);
}

/** Undefined when there is more than may be. */
async function readBody(request: IncomingMessage, mostOctets: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let octets = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    octets += part.length;
    if (octets > mostOctets) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}
