import assert from "node:assert/strict";
import { formatHostPort } from "../../src/transport/host-port.ts";

describe("host and port as text", () => {
  for (const [host, text] of [
    ["10.0.0.7", "10.0.0.7:9598"],
    ["head-end.example.org", "head-end.example.org:9598"],
    ["2001:db8::1", "[2001:db8::1]:9598"],
    ["[::1]", "[::1]:9598"],
    ["::ffff:10.0.0.7", "[::ffff:10.0.0.7]:9598"],
    ["10.0.0.7:80", undefined],
    ["[10.0.0.7]", undefined],
    ["2001:db8", undefined],
    ["user@host", undefined],
    ["two words", undefined],
    ["", undefined],
  ] as const) {
    it(text === undefined ? `is none for ${JSON.stringify(host)}` : `is ${text} for ${host}`, () => {
      assert.equal(formatHostPort(host, 9598), text);
    });
  }
});
