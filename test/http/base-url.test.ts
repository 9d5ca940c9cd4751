import assert from "node:assert/strict";
import { baseUrlOf } from "../../src/http/base-url.ts";

describe("the address that callers are told", () => {
  it("is the one listened on, or the machine's name when it listens on every address", () => {
    for (const [host, url] of [
      ["127.0.0.1", "http://127.0.0.1:8080"],
      ["meters.example", "http://meters.example:8080"],
      ["::1", "http://[::1]:8080"],
      ["0.0.0.0", "http://head-end:8080"],
      ["::", "http://head-end:8080"],
    ] as const) {
      assert.equal(baseUrlOf(host, 8080, "head-end"), url);
    }
  });
});
