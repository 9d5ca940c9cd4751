import assert from "node:assert/strict";
import { itemsOf, pageText, Terminal } from "./terminal.ts";

describe("the README", () => {
  const terminal = new Terminal();
  after(() => terminal.close());

  it('has commands under "Run it" that work one after the other in a folder without data', async () => {
    const items = itemsOf(pageText("README.md", "Run it"));
    assert.ok(items.length >= 6);
    let answer = "";
    for (const item of items) {
      const text = await terminal.do(item);
      if ("command" in item && item.command.includes(" send ")) answer = text;
    }
    assert.match(answer, /<sm-configuration:Result>OK</);
  });
});
