import { type HttpApp, newRouter, send, sendText, splitTarget } from "./app.ts";

const TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Whether whoever shows this token, or none, may look. */
export type MayLook = (token: string | undefined) => boolean;

/** Metrics for Prometheus, under `/metrics`. */
export function metricsApp(read: () => Promise<string>, mayLook: MayLook): HttpApp {
  const router = newRouter();
  router.use(async (request, response, next) => {
    if (splitTarget(request.url).path !== "/metrics") return next();
    if (request.method !== "GET" && request.method !== "HEAD") {
      return sendText(response, 405, "Read metrics by GET", { allow: "GET, HEAD" });
    }
    const [, token] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
    if (!mayLook(token)) {
      const text = "Show the token of an operator with the role look, see METERGATE_OPERATORS_FILE";
      return sendText(response, 401, text, { "www-authenticate": "Bearer" });
    }
    send(response, 200, TYPE, Buffer.from(await read()));
  });
  return { router, signpost: () => "For operators: GET /metrics" };
}
