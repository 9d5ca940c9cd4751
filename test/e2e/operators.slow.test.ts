import assert from "node:assert/strict";
import { itemsOf, pageText, Terminal } from "./terminal.ts";

/** Rows of the table of commands that look, and have nothing in them that the reader has to fill in. */
const LOOKS = /^\| `(metergate [^`A-Z]*)` \|/gm;

describe("the operators' page", () => {
  const terminal = new Terminal("info");
  after(() => terminal.close());

  const send = (file: string) =>
    terminal.type(`metergate send ${file} --wait --url https://127.0.0.1:8080 --certificates certificates`);

  it("has commands that work one after the other in a folder without data, up to a restored backup", async () => {
    // A row of the table is typed where it stands, as a block is.
    const text = pageText("docs/operators.md").replaceAll(LOOKS, (row, command: string) =>
      command.includes("follow") ? row : `\n\`\`\`sh\n${command}\n\`\`\`\n`,
    );
    const outputs = new Map<string, string>();
    for (const item of itemsOf(text)) {
      const before = terminal.complaints.length;
      const printed = await terminal.do(item);
      if (!("command" in item)) continue;
      const words = item.command.split(" ").slice(1, 3).join(" ");
      outputs.set(words, printed);
      if (words === "certs revoke") await requireRenewed(before);
      // Work goes on after a backup was made.
      if (words.startsWith("backup")) assert.match(await send("request.xml"), /<sm-configuration:Result>OK</);
    }
    assert.match(outputs.get("log verify") ?? "", /^\d+ entries, 0 defects$/m);
    assert.match(await send("request.xml"), /<sm-configuration:Result>OK</);
    await terminal.type("# stop the service");
    assert.deepEqual(
      terminal.complaints.filter((line) => line.includes('"level":50')),
      [],
    );
  });

  /** The service that runs takes what was renewed, and not what was revoked. */
  async function requireRenewed(before: number): Promise<void> {
    const reloaded = /certificates and revocation lists were reloaded/;
    await terminal.complaint(reloaded, before);
    assert.match(await send("request.xml"), /<sm-configuration:Result>OK</);
    await terminal.type("sed s/test-org/analytics/ request.xml > revoked.xml");
    // What was renewed just before may have been taken alone: then the next look brings the revocation.
    const seen = terminal.complaints.length;
    const isRefused = await send("revoked.xml").then(
      () => false,
      () => true,
    );
    if (!isRefused) await terminal.complaint(reloaded, seen);
    await assert.rejects(send("revoked.xml"), /the certificate was revoked: CN=analytics/);
  }
});
