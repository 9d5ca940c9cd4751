import { createSocket } from "node:dgram";
import { createServer, type Socket } from "node:net";
import { type OpenPort, openPort } from "./open-port.ts";

/** Who may connect to a listener that is open to a whole network. */
export interface ListenerLimits {
  /** Open connections in all; one more is closed at once. */
  readonly connections: number;
  /** Open connections of one address. */
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
  const sockets = new Set<Socket>();
  const perSource = new Map<string, number>();

  const server = createServer((socket) => {
    const source = socket.remoteAddress ?? "unknown";
    const already = perSource.get(source) ?? 0;
    socket.on("error", () => socket.destroy());
    if (sockets.size >= limits.connections || already >= limits.connectionsPerSource) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    perSource.set(source, already + 1);
    const handler = open(source);
    let ended = false;
    const end = () => {
      if (!ended) handler.end();
      ended = true;
    };
    socket.setTimeout(limits.idleTimeoutMs, () => socket.destroy());
    socket.on("data", (octets) => {
      if (!handler.data(octets)) socket.destroy();
    });
    socket.on("end", end);
    socket.on("close", () => {
      end();
      sockets.delete(socket);
      const left = (perSource.get(source) ?? 1) - 1;
      if (left === 0) perSource.delete(source);
      else perSource.set(source, left);
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
