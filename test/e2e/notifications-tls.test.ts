import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { newAuthority } from "../../src/certificates/authority.ts";
import { run as runCommand } from "../../src/cli/program.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { AUTHORITY, issue, SERVER, wanted } from "../certificates/authority.ts";
import { ACKNOWLEDGEMENT, bodyOf, readNotification } from "../notifications/target.ts";
import { run, sample, startWorld, temporaryDirectory } from "./harness.ts";

/** An ERP that speaks TLS and lets in only whom its authority knows; says who told it what. */
async function openTarget(identity: typeof SERVER) {
  const told: { by: string; device: string }[] = [];
  let arrived = () => {};
  const tls = { cert: identity.certificate, key: identity.key, ca: AUTHORITY.certificate };
  const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: true }, async (request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate();
    const { notification } = readNotification(await bodyOf(request));
    told.push({ by: String(subject.CN), device: notification.deviceIdentification });
    arrived();
    response.writeHead(200, { "content-type": "text/xml" }).end(ACKNOWLEDGEMENT);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    told,
    first: new Promise<void>((resolve) => {
      arrived = resolve;
    }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe("notifications over TLS", () => {
  const directory = temporaryDirectory();
  after(() => directory.remove());

  const file = (name: string, content: string) => {
    writeFileSync(join(directory.path, name), content, { mode: 0o600 });
    return join(directory.path, name);
  };

  /** Has one request end, and gives why it could not be told, if it could not. */
  async function tell(url: string, { certificate, key }: { certificate: string; key: string }, first: Promise<void>) {
    const world = await startWorld({
      METERGATE_NOTIFY_CERTIFICATE_FILE: file("ours.pem", certificate),
      METERGATE_NOTIFY_KEY_FILE: file("ours-key.pem", key),
      METERGATE_NOTIFY_AUTHORITIES_FILE: file("authority.pem", AUTHORITY.certificate),
      METERGATE_NOTIFY_RETRY_DELAY_MS: "1",
    });
    try {
      const surroundings = { env: { METERGATE_DATA_DIR: world.config.dataDir }, out: () => {}, err: () => {} };
      assert.equal(await runCommand(["notifications", "set", "test-org", "ERP", url], surroundings), 0);
      await run(world.client, sample("GetFirmwareVersion"));
      const { notifications } = world.service.store;
      const failed = async () => {
        for (;;) {
          const [waiting] = await notifications.list("waiting", 1);
          if (waiting?.lastError !== undefined) return waiting.lastError;
          const [dead] = await notifications.list("dead", 1);
          if (dead) return dead.lastError;
        }
      };
      return await Promise.race([first, failed()]);
    } finally {
      await world.stop();
    }
  }

  it("prove who we are by our certificate", async () => {
    const target = await openTarget(SERVER);
    assert.equal(await tell(target.url, issue("metergate"), target.first), undefined);
    assert.deepEqual(target.told, [{ by: "metergate", device: "TEST1024000000001" }]);
    await target.close();
  });

  it("go to nobody that cannot prove its own name, and tell why", async () => {
    const stranger = newAuthority(wanted("Another authority"), systemRandom);
    const use = { server: true, hosts: ["127.0.0.1"] };
    const identities = [
      [issue("localhost", { by: stranger, use }), /^UNABLE_TO_VERIFY_LEAF_SIGNATURE /],
      [issue("erp.example", { use: { server: true, hosts: ["erp.example"] } }), /^ERR_TLS_CERT_ALTNAME_INVALID /],
    ] as const;
    for (const [identity, why] of identities) {
      const target = await openTarget(identity);
      try {
        assert.match((await tell(target.url, issue("metergate"), target.first)) ?? "", why);
        assert.deepEqual(target.told, []);
      } finally {
        await target.close();
      }
    }
  });

  it("are refused where our certificate is not believed", async () => {
    const stranger = newAuthority(wanted("Another authority"), systemRandom);
    const target = await openTarget(SERVER);
    assert.notEqual(await tell(target.url, issue("metergate", { by: stranger }), target.first), undefined);
    assert.deepEqual(target.told, []);
    await target.close();
  });
});
