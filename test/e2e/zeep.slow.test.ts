import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { text as textOf } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { run as runCommand } from "../../src/cli/program.ts";
import { SERVICES } from "../../src/soap/routes.ts";
import { Target } from "../notifications/target.ts";
import { startWorld, type World } from "./harness.ts";
import { leastAnswered, type SampleDocument, sampleDocuments, UID_PLACEHOLDER } from "./sample-documents.ts";

const SCRIPT = fileURLToPath(new URL("zeep-client.py", import.meta.url));
const NOTIFICATIONS = "/osgp-adapter-ws-smartmetering/smartMetering/notificationService/?wsdl";
/** That of Debian comes first: its package python3-zeep is for no other. */
const PYTHONS = ["/usr/bin/python3", "python3"];
const CALLER = ["test-org", "demo", "ERP"];

/** What became of a document. */
interface Told {
  readonly name: string;
  readonly answer?: unknown;
  readonly fault?: string;
}

function zeepOf(python: string): string | undefined {
  try {
    const program = "import zeep; print(zeep.__version__)";
    return execFileSync(python, ["-c", program], { encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return undefined;
  }
}

const [found] = PYTHONS.flatMap((python) => {
  const version = zeepOf(python);
  return version === undefined ? [] : [{ python, version }];
});

describe(found ? `a strict client that zeep ${found.version} makes` : "a strict client that zeep makes", () => {
  if (!found) {
    it("is not tested here: no Python has zeep (Debian: python3-zeep)");
    return;
  }

  let world: World;
  let target: Target;
  let documents: readonly SampleDocument[];
  let told: readonly Told[];

  /** Has zeep do a job; fails with what it complains about. */
  async function ask(job: object): Promise<Told[]> {
    const child = spawn(found!.python, [SCRIPT], { stdio: ["pipe", "pipe", "pipe"] });
    child.stdin.end(JSON.stringify({ caller: CALLER, placeholder: UID_PLACEHOLDER, ...job }));
    const [out, complaints, code] = await Promise.all([
      textOf(child.stdout),
      textOf(child.stderr),
      new Promise((resolve) => child.once("close", resolve)),
    ]);
    assert.equal(code, 0, `${out}\n${complaints}`);
    return out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Told);
  }

  before(async () => {
    world = await startWorld({}, { hasOthers: true });
    target = await Target.open();
    const surroundings = { env: { METERGATE_DATA_DIR: world.config.dataDir }, out: () => {}, err: () => {} };
    assert.equal(await runCommand(["notifications", "set", "test-org", "ERP", target.url], surroundings), 0);
    documents = sampleDocuments();
    const urls = new Map(documents.map(({ service }) => [service, `${world.service.baseUrl}${service.path}?wsdl`]));
    const sent = documents.map(({ name, service, operation, fetch, text }) => ({
      ...{ name, operation, fetch, text },
      wsdl: urls.get(service),
    }));
    told = await ask({ documents: sent });
  });
  after(async () => {
    await world.stop();
    await target.close();
  });

  it("reads every served WSDL, and sends and understands all that the samples ask", () => {
    assert.deepEqual(
      told.map(({ name }) => name),
      documents.map(({ name }) => name),
    );
    const answered = new Map<string, string[]>();
    for (const [i, { service, operation }] of documents.entries()) {
      if (told[i]!.answer === undefined) continue;
      answered.set(service.name, [...(answered.get(service.name) ?? []), operation]);
    }
    const faults = told.filter(({ fault }) => fault).map(({ name, fault }) => `${name}: ${fault}`);
    assert.deepEqual(
      faults.filter((fault) => /Validation error/.test(fault)),
      [],
    );
    for (const service of SERVICES) {
      const operations = new Set(answered.get(service.name));
      const text = `${service.name}: ${[...operations]}; ${faults.join("; ")}`;
      assert.ok(operations.size >= leastAnswered(service), text);
    }
  });

  it("understands and could have written every notification that it was sent", async () => {
    const finished = told.filter(({ answer }, i) => answer && documents[i]!.fetch).length;
    await target.received(finished);
    const notifications = target.messages.map((text, i) => ({ name: `${i}`, text }));
    const notificationWsdl = world.service.baseUrl + NOTIFICATIONS;
    const read = await ask({ documents: [], notifications, notificationWsdl });
    assert.equal(read.length, notifications.length);
    assert.ok(read.every(({ answer }) => JSON.stringify(answer).includes("NotificationType")));
  });
});
