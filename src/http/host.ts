import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type ServerOptions, type Server as TlsServer } from "node:https";
import type { SecureContextOptions } from "node:tls";
import type { NextFunction, Request, Response, Router } from "express";
import { type Clock, nextTurn, sleep } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { type HttpApp, newRouter, sendText, splitTarget } from "./app.ts";
import { Quota } from "./quota.ts";
import { CallerGone, HttpRefusal } from "./refusal.ts";
import { sourceOf } from "./source.ts";

/**
 * How long a caller may take. An application has its own, shorter time for a message's body; these end connections that
 * never get that far, or go on sending what was refused already.
 */
const TIMEOUTS = { headersTimeout: 20_000, requestTimeout: 60_000, connectionsCheckingInterval: 5_000 };
const HANDSHAKE_TIMEOUT_MS = 20_000;
/** Longer than proxies keep theirs: otherwise they now and then send into a connection that is just being closed. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
/** Open connections; each that has sent nothing yet costs a few kilobytes and a file descriptor. */
const CONNECTIONS = { inAll: 10_000, perSource: 5_000 };
/** How long callers that are being answered when the port closes have left. */
const GRACE_MS = 5_000;
/** How long a connection that is kept may be used for one more message, whose answer says that it is the last. */
const LINGER_MS = 5_000;

export interface HostOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly clock: Clock;
  readonly logger: Pick<Logger, "debug" | "error">;
  /** Speaks TLS with it, and asks callers for a certificate, which is for others to judge. */
  readonly tls?: SecureContextOptions | undefined;
  /** Asked in their order; the first that knows a path answers. */
  readonly apps: readonly HttpApp[];
  /** Asked when it closes: whether callers that keep their connections are given time to leave. */
  lingers?(): boolean;
}

/** An HTTP server that listens. */
export interface HttpHost {
  readonly port: number;
  /** New connections are taken with it; those that are open go on. */
  replaceTls(tls: SecureContextOptions): void;
  /** Takes no new connections, lets what is being answered come to its end, but not for ever, and closes. */
  close(): Promise<void>;
}

/** Hands requests to the application that knows their path, and has an answer when none does or one fails. */
function mount(apps: readonly HttpApp[], logger: Pick<Logger, "error">): Router {
  const host = newRouter();
  for (const { router } of apps) host.use(router);
  host.use((request, response) => {
    const { path } = splitTarget(request.url);
    sendText(response, 404, apps.map((app) => app.signpost(path)).join("\n"));
  });
  // Express tells middleware for errors by its fourth parameter.
  host.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    if (error instanceof CallerGone) return;
    if (error instanceof HttpRefusal) {
      sendText(response, error.status, error.message, error.headers);
      return;
    }
    logger.error({ err: error }, "an HTTP request could not be answered");
    sendText(response, 500, "Internal error");
  });
  return host;
}

/** Takes no new connections and, other than `close` of an HTTP server, leaves those alone that are idle. */
function stopListening(server: Server, closed: () => void): void {
  Object.getPrototypeOf(Object.getPrototypeOf(server)).close.call(server, closed);
}

/** Closes connections beyond what their source, or all together, may have. */
function limitConnections(server: Server): void {
  const connections = new Quota(CONNECTIONS);
  server.on("connection", (socket: IncomingMessage["socket"]) => {
    const source = sourceOf(socket);
    if (!connections.take(source)) return void socket.destroy();
    socket.once("close", () => connections.give(source));
  });
}

/** Whoever has no certificate, or one that is not believed, gets its answer in words, so the handshake lets it pass. */
function openTls(
  options: ServerOptions,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
  logger: Pick<Logger, "debug">,
): TlsServer {
  const asking = { requestCert: true, rejectUnauthorized: false, handshakeTimeout: HANDSHAKE_TIMEOUT_MS };
  const server = createTlsServer({ ...options, ...asking }, onRequest);
  server.on("tlsClientError", (error: NodeJS.ErrnoException, socket) => {
    logger.debug({ code: error.code, source: sourceOf(socket) }, "a TLS handshake failed");
    socket.destroy();
  });
  return server;
}

/**
 * Serves applications over HTTP.
 * @throws what the system says when the port cannot be opened
 */
export async function openHttpHost({ host, port, clock, logger, tls, apps, lingers }: HostOptions): Promise<HttpHost> {
  let closing = false;
  let lingering = false;
  const handle = mount(apps, logger);
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    if (closing) response.setHeader("Connection", "close");
    // A connection that goes idle after the port was closed would hold the close up.
    response.once("close", () => {
      if (closing && !lingering) void nextTurn().then(() => server.closeIdleConnections());
    });
    // To a router they are what node:http gives; the last function is for defects of the error handler itself.
    handle(request as Request, response as Response, () => response.destroy());
  };
  const options = { ...TIMEOUTS, keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS };
  const server = tls ? openTls({ ...options, ...tls }, onRequest, logger) : createServer(options, onRequest);
  limitConnections(server);
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
    replaceTls: (replacement) => (server as Partial<TlsServer>).setSecureContext?.(replacement),
    close: async () => {
      closing = true;
      let isClosed = false;
      const closed = new Promise<void>((resolve) =>
        stopListening(server, () => {
          isClosed = true;
          resolve();
        }),
      );
      // Closed at once, a connection that is kept would take a message with it that is just on its way.
      lingering = lingers?.() ?? false;
      if (lingering) await Promise.race([closed, sleep(clock, LINGER_MS)]);
      lingering = false;
      if (!isClosed) server.close();
      const cancel = clock.after(GRACE_MS, () => server.closeAllConnections());
      await closed;
      cancel();
    },
  };
}
