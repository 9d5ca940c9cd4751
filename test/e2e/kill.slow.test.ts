import { requireOneResultEach } from "./kills.ts";

describe("a service that is killed again and again", () => {
  it("ends every request that it acknowledged, each in exactly one result", () =>
    requireOneResultEach({ requests: 1_000, kills: 10 }));
});
