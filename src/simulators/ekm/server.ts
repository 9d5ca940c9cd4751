import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { SUMMARIES } from "../../ekm/unverified.ts";
import { openHttpPort } from "../../transport/open-port.ts";
import type { Reply, SimulatedCloud } from "./cloud.ts";
import { acceptWebSocket } from "./web-socket.ts";

const MOST_OCTETS = 65_536;

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let octets = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    octets += part.length;
    if (octets > MOST_OCTETS) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function send(response: ServerResponse, { status, body, isCut }: Reply): void {
  if (isCut) response.destroy();
  else response.writeHead(status, { "content-type": "application/json" }).end(body);
}

/** Cuts one of the messages that a stream is to be cut in. */
function isToBeCut({ behaviour }: SimulatedCloud): boolean {
  if (behaviour.cutStreamCount === 0) return false;
  behaviour.cutStreamCount -= 1;
  return true;
}

function stream(cloud: SimulatedCloud, channel: string, response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.flushHeaders();
  const end = cloud.channels.subscribe(channel, (message) => {
    const text = message + cloud.behaviour.separator;
    if (isToBeCut(cloud)) response.write(text.slice(0, text.length >> 1), () => response.destroy());
    else response.write(text);
  });
  response.on("close", end);
}

function upgrade(cloud: SimulatedCloud, request: IncomingMessage, socket: Duplex): void {
  const [, channel] = /^\/ws\/([^?]+)/.exec(request.url ?? "") ?? [];
  if (channel === undefined) {
    socket.end("HTTP/1.1 404 Not Found\r\n\r\n");
    return;
  }
  const peer = acceptWebSocket(request, socket);
  const end = cloud.channels.subscribe(decodeURIComponent(channel), (message) => {
    if (isToBeCut(cloud)) peer.cut(message);
    else peer.send(message);
  });
  socket.on("close", end);
}

async function answer(cloud: SimulatedCloud, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://cloud.invalid");
  const name = `${request.method} ${url.pathname}`;
  if (name === "POST /sendCommand") {
    const body = await bodyOf(request);
    const isTooLong = { status: 413, body: JSON.stringify({ error: "too long" }) };
    send(response, body === undefined ? isTooLong : cloud.sendCommand(url.searchParams, body));
  } else if (name === "GET /readMeter") send(response, cloud.readMeter(url.searchParams));
  else if (name === `GET ${SUMMARIES.path}`) send(response, cloud.summaries(url.searchParams));
  else if (name.startsWith("GET /sub/")) {
    stream(cloud, decodeURIComponent(url.pathname.slice("/sub/".length)), response);
  } else send(response, { status: 404, body: JSON.stringify({ error: "unknown path" }) });
}

/**
 * Serves a cloud over HTTP and WebSocket.
 * @param port 0 lets the system choose
 */
export async function serveCloud(
  cloud: SimulatedCloud,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const sockets = new Set<Duplex>();
  const server = createServer((request, response) => {
    answer(cloud, request, response).catch(() => response.destroy());
  });
  server.on("upgrade", (request, socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    upgrade(cloud, request, socket);
  });
  const open = await openHttpPort(server, host, port);
  return {
    port: open.port,
    close: async () => {
      cloud.close();
      const closed = open.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
