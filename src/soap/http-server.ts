import { createServer, type RequestListener } from "node:http";
import { type Clock, nextTurn } from "../lib/clock.ts";
import type { SoapLogger } from "./ports.ts";

/**
 * How long a caller may take. The SOAP front has its own, shorter time for a message's body; these end connections that
 * never get that far, or go on sending what was refused already.
 */
const TIMEOUTS = { headersTimeout: 20_000, requestTimeout: 60_000, connectionsCheckingInterval: 5_000 };
/** Longer than proxies keep theirs: otherwise they now and then send into a connection that is just being closed. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
/** Open connections; each that has sent nothing yet costs a few kilobytes and a file descriptor. */
const MOST_CONNECTIONS = 10_000;
/** How long callers that are being answered when the port closes have left. */
const GRACE_MS = 5_000;

/** An HTTP server that listens. */
export interface HttpServer {
  readonly port: number;
  /** Takes no new connections, lets what is being answered come to its end, but not for ever, and closes. */
  close(): Promise<void>;
}

/**
 * Serves an application over HTTP.
 * @param port 0 takes a free one
 * @throws what the system says when the port cannot be opened
 */
export async function listenHttp(
  app: RequestListener,
  { host, port, clock, logger }: { host: string; port: number; clock: Clock; logger: SoapLogger },
): Promise<HttpServer> {
  let closing = false;
  const server = createServer({ ...TIMEOUTS, keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS }, (request, response) => {
    // A connection that goes idle after the port was closed would hold the close up.
    response.once("close", () => {
      if (closing) void nextTurn().then(() => server.closeIdleConnections());
    });
    app(request, response);
  });
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      // A connection that could not be accepted is that caller's loss, not the end of the service.
      server.on("error", (err) => logger.error({ err }, "an HTTP connection could not be accepted"));
      resolve();
    });
  });
  return {
    port: (server.address() as { port: number }).port,
    close: async () => {
      closing = true;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const cancel = clock.after(GRACE_MS, () => server.closeAllConnections());
      await closed;
      cancel();
    },
  };
}
