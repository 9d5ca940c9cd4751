import { Target } from "../notifications/target.ts";
import { requireOneResultEach } from "./kills.ts";

describe("a service that is killed again and again", () => {
  it("ends every request that it acknowledged, each in exactly one result", () =>
    requireOneResultEach({ requests: 1_000, kills: 10 }));

  it("tells of each of them at least once, though every fifth time nobody listens", async () => {
    const target = await Target.open();
    let messages = 0;
    target.answer = (_, response) => {
      if (++messages % 5 === 0) response.destroy();
      else response.writeHead(202).end();
    };
    try {
      await requireOneResultEach({ requests: 200, kills: 4, target });
    } finally {
      await target.close();
    }
  });
});
