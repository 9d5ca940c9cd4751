import type { Server as HttpServer } from "node:http";
import type { Server, Socket } from "node:net";

/** An open port. */
export interface OpenPort {
  /** The port that is listened on, also when 0 was asked for. */
  readonly port: number;
  /** Closes the port and every connection. */
  close(): Promise<void>;
}

/** Connections that the system may hold for us before they are accepted: as many as a fleet begins at once. */
const BACKLOG = 1024;

/**
 * Makes a TCP server listen.
 * @param sockets the server's open connections, kept up to date by whoever made it
 * @throws what the system says when the port cannot be opened
 */
export async function openPort(
  server: Server,
  host: string,
  port: number,
  sockets: ReadonlySet<Socket>,
): Promise<OpenPort> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, backlog: BACKLOG }, resolve);
  });
  // A connection that could not be accepted is that peer's loss.
  server.on("error", () => {});
  return {
    port: (server.address() as { port: number }).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/**
 * Makes an HTTP server listen.
 * @throws what the system says when the port cannot be opened
 */
export async function openHttpPort(server: HttpServer, host: string, port: number): Promise<OpenPort> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as { port: number }).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
