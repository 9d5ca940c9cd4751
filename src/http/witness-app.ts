import type { Clock } from "../lib/clock.ts";
import { type HttpApp, newRouter, send, sendText, splitTarget } from "./app.ts";
import { Intake } from "./intake.ts";
import { BodyRefusal } from "./refusal.ts";
import { sourceOf } from "./source.ts";

/** Octets of a checkpoint and its proof. */
const LONGEST_BODY = 65_536;

/** What answers `add-checkpoint` of C2SP tlog-witness. */
export type AddCheckpoint = (
  body: string,
) => Promise<{ readonly status: number; readonly type: string; readonly body: string }>;

/** The interface of a witness over HTTP. */
export function witnessApp(add: AddCheckpoint, clock: Clock): HttpApp {
  const router = newRouter();
  const intake = new Intake(LONGEST_BODY, clock);
  router.use(async (request, response, next) => {
    if (splitTarget(request.url).path !== "/add-checkpoint") return next();
    if (request.method !== "POST") return sendText(response, 405, "Send checkpoints by POST", { allow: "POST" });
    try {
      const answer = await intake.run(request, sourceOf(request.socket), (body) => add(body.toString("utf8")));
      send(response, answer.status, answer.type, Buffer.from(answer.body));
    } catch (error) {
      if (!(error instanceof BodyRefusal)) throw error;
      sendText(response, 400, error.message);
    }
  });
  return { router, signpost: () => "A witness of logs: POST /add-checkpoint" };
}
