import { requireOneResultEach } from "./kills.ts";

describe("a service that is killed", () => {
  it("ends every request that it acknowledged, each in exactly one result", () =>
    requireOneResultEach({ requests: 60, kills: 1 }));
});
