import { createSocket } from "node:dgram";
import { createServer, type Socket } from "node:net";
import { type OpenPort, openPort } from "./open-port.ts";
import { sourceOf } from "./source.ts";

/** Who may connect to a listener that is open to a whole network. */
export interface ListenerLimits {
  /** Open connections in all. One more takes the place of the longest silent one of the source that has most. */
  readonly connections: number;
  /** Open connections of one source, see `sourceOf`; one more is closed at once. */
  readonly connectionsPerSource: number;
  /** A connection that is silent for so many milliseconds is closed. */
  readonly idleTimeoutMs: number;
}

/** What is done with the octets of one connection. */
export interface StreamHandler {
  /** Octets as they came; false closes the connection. The handler may keep the view. */
  data(octets: Uint8Array): boolean;
  /** No more will come: the peer closed, or was silent too long. */
  end(): void;
}

/**
 * Listens on TCP for peers that nobody vouches for: limited in number and in patience, and no error of theirs gets out.
 * @param open called for each connection with the peer's address
 * @throws what the system says when the port cannot be opened
 */
export async function listenTcp(
  host: string,
  port: number,
  limits: ListenerLimits,
  open: (source: string) => StreamHandler,
): Promise<OpenPort> {
  /** The longest silent first. */
  const sockets = new Set<Socket>();
  const sources = new Map<Socket, string>();
  const perSource = new Map<string, Set<Socket>>();
  const forget = (socket: Socket) => {
    const source = sources.get(socket) ?? "";
    const ofSource = perSource.get(source);
    sockets.delete(socket);
    sources.delete(socket);
    ofSource?.delete(socket);
    if (ofSource?.size === 0) perSource.delete(source);
  };
  const remember = (socket: Socket, source: string) => {
    const ofSource = perSource.get(source) ?? new Set();
    sockets.add(socket);
    sources.set(socket, source);
    perSource.set(source, ofSource.add(socket));
  };
  /** Some source has most connections; when all have one, it is whoever has been silent longest. */
  const makePlace = () => {
    const most = Math.max(...[...perSource.values()].map((ofSource) => ofSource.size));
    for (const socket of sockets) {
      if (perSource.get(sources.get(socket) ?? "")?.size !== most) continue;
      forget(socket);
      socket.destroy();
      return;
    }
  };

  const server = createServer((socket) => {
    const address = socket.remoteAddress ?? "unknown";
    const source = sourceOf(address);
    socket.on("error", () => socket.destroy());
    if ((perSource.get(source)?.size ?? 0) >= limits.connectionsPerSource) {
      socket.destroy();
      return;
    }
    if (sockets.size >= limits.connections) makePlace();
    remember(socket, source);
    const handler = open(address);
    let ended = false;
    const end = () => {
      if (!ended) handler.end();
      ended = true;
    };
    socket.setTimeout(limits.idleTimeoutMs, () => socket.destroy());
    socket.on("data", (octets) => {
      if (!sockets.has(socket)) return;
      forget(socket);
      remember(socket, source);
      if (!handler.data(octets)) socket.destroy();
    });
    socket.on("end", end);
    socket.on("close", () => {
      end();
      forget(socket);
    });
  });

  return openPort(server, host, port, sockets);
}

/** Listens on UDP; `receive` gets each datagram with its sender's address. */
export async function listenUdp(
  host: string,
  port: number,
  receive: (datagram: Uint8Array, source: string) => void,
): Promise<OpenPort> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  socket.on("message", (datagram, { address }) => receive(datagram, address));
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, host, resolve);
  });
  socket.on("error", () => {});
  return {
    port: socket.address().port,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
