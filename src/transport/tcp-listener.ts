import { createServer, type Socket } from "node:net";
import { type OpenPort, openPort } from "./open-port.ts";

/** One accepted connection, seen from the server. */
export interface ServerConnection {
  /** Puts octets on the way at once; they may not be changed afterwards. */
  write(octets: Uint8Array): void;
  /** Ends the connection when what was written is on its way. */
  close(): void;
}

/** What a server does with a connection. */
export interface ConnectionHandler {
  /** Octets as they came, in order; the handler may keep the view. */
  data(octets: Uint8Array): void;
  /** The connection is gone, whoever ended it. */
  closed(): void;
}

/**
 * Listens on TCP without limits, for simulated devices; what strangers may reach is opened with `open-listener.ts`.
 * @param port 0 lets the system choose
 * @throws what the system says when the port cannot be opened
 */
export async function listenForConnections(
  host: string,
  port: number,
  accept: (connection: ServerConnection) => ConnectionHandler,
): Promise<OpenPort> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    const handler = accept({
      write: (octets) => {
        // A peer that asks but does not read is not read from either.
        if (!socket.destroyed && !socket.write(octets)) socket.pause();
      },
      close: () => socket.destroySoon(),
    });
    socket.on("drain", () => socket.resume());
    socket.on("data", (octets) => handler.data(octets));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      sockets.delete(socket);
      handler.closed();
    });
  });
  return openPort(server, host, port, sockets);
}
