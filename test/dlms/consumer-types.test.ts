import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A program of somebody who has our package and TypeScript, but not the types of Node.js. */
const CONSUMER = `
import {
  CipherKeys, DlmsClient, DlmsError, decodeApdu, decodeObjectList, gmac, HdlcApduLink, InvocationCounter, wrapKey,
  NotificationReceiver, SECURITY_CONTROL, WrapperClientLink, type ClientEvent, type Link,
} from "metergate/dlms";

const keys = new CipherKeys(new Uint8Array(16), new Uint8Array(16));
const links: Link[] = [
  new WrapperClientLink({ client: 1, server: 1 }),
  new HdlcApduLink({ role: "client", clientAddress: 1, serverAddress: { upper: 200, lower: 17 } }),
];
const ciphering = { keys, systemTitle: new Uint8Array(8), invocationCounter: new InvocationCounter(0) };
const client = new DlmsClient({ link: links[0]!, security: { type: "hls5", challenge: new Uint8Array(16), ciphering } });
const event: ClientEvent | undefined = client.nextEvent();
export const octets: Uint8Array = event?.type === "send" ? event.bytes : gmac(new Uint8Array(16), new Uint8Array(12), new Uint8Array(0));
export const wrapped: Uint8Array = wrapKey(octets, keys.protect(octets, octets, 1, SECURITY_CONTROL.encrypted));
export const receiver = new NotificationReceiver({ keysOf: () => keys });
export const read = () => [decodeApdu(octets), decodeObjectList, new DlmsError("local/defect", "text").code];
`;

describe("the package's types", () => {
  let folder = "";

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "metergate-types-"));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it("of metergate/dlms need no types of Node.js: a consumer without them compiles", () => {
    execFileSync("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder], { cwd: ROOT });
    const [archive] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
    const installed = join(folder, "node_modules", "metergate");
    mkdirSync(installed, { recursive: true });
    execFileSync("tar", ["-xzf", join(folder, archive!), "-C", installed, "--strip-components=1"]);
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
    writeFileSync(join(folder, "consumer.ts"), CONSUMER);
    const compilerOptions = {
      ...{ target: "es2023", lib: ["es2023"], module: "nodenext", moduleResolution: "nodenext" },
      ...{ strict: true, noEmit: true, types: [], skipLibCheck: false },
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
    let complaints = "";
    try {
      execFileSync(join(ROOT, "node_modules", ".bin", "tsc"), ["-p", folder], { encoding: "utf8" });
    } catch (error) {
      complaints = String((error as { stdout?: unknown }).stdout);
    }
    assert.equal(complaints, "");
  });
});
