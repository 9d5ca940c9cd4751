import assert from "node:assert/strict";
import { BUNDLE } from "../../src/domain/request.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { NotificationClient, toWire } from "../../src/notifications/client.ts";
import { OPERATIONS } from "../../src/operations/index.ts";
import { PUSHED_ALARM, type StoredNotification, SYSTEM_EVENT } from "../../src/store/notifications.ts";
import { HttpClient } from "../../src/transport/http-client.ts";
import { ACKNOWLEDGEMENT, readNotification, Target } from "./target.ts";

const SOURCE = { organisation: "OSGP", userName: "someone", applicationName: "SMART_METERS" };
const UID = "test-org|||TEST1024000000001|||20260102030405000|||x";

describe("the client for notifications", () => {
  let target: Target;
  before(async () => {
    target = await Target.open();
  });
  after(() => target.close());

  const notification = (fields: Partial<StoredNotification> = {}): StoredNotification => ({
    ...{ id: 1, correlationUid: UID, organisation: "test-org", application: "ERP", device: "TEST1024000000001" },
    ...{ about: "ReplaceKeys", result: "OK", url: target.url, failures: 0, createdMs: 0, dueMs: 0, ...fields },
  });
  const client = () => new NotificationClient(new HttpClient({ clock: systemClock }), SOURCE, 60_000);
  const send = (fields?: Partial<StoredNotification>) =>
    client().send(notification(fields), () => true, new AbortController().signal);

  it("says what the contract has a place for, in its words and with its headers", async () => {
    const message = "keys & <other> things \u0007";
    const { error, request, answer } = await send({ result: "NOT OK", message });
    assert.equal(error, undefined);
    assert.equal(request, target.messages.at(-1));
    assert.equal(answer, ACKNOWLEDGEMENT);
    const { headers, notification } = readNotification(request!);
    assert.deepEqual(headers, ["OrganisationIdentification=OSGP", "UserName=someone", "ApplicationName=SMART_METERS"]);
    assert.deepEqual(notification, {
      message: "keys & <other> things \uFFFD",
      result: "NOT OK",
      deviceIdentification: "TEST1024000000001",
      correlationUid: UID,
      NotificationType: "REPLACE_KEYS",
    });
  });

  it("has a type of the contract for every operation, for bundles, alarms and events", async () => {
    for (const about of [...Object.keys(OPERATIONS), BUNDLE, PUSHED_ALARM, SYSTEM_EVENT]) {
      const { error, request } = await send({ about });
      assert.equal(error, undefined, about);
      readNotification(request!);
    }
    assert.throws(() => toWire(notification({ about: "Unheard" })), { code: "INTERNAL" });
  });

  it("sends to several addresses at the same time, to each its own", async () => {
    const others = await Promise.all([Target.open(), Target.open()]);
    const sent = others.flatMap((other, i) =>
      Array.from({ length: 5 }, () => send({ url: other.url, device: `DEVICE000000000${i}` })),
    );
    await Promise.all(sent);
    for (const [i, other] of others.entries()) {
      const told = await other.received(5);
      assert.deepEqual([...new Set(told.map((each) => each.deviceIdentification))], [`DEVICE000000000${i}`]);
      await other.close();
    }
  });

  const envelope = (body: string) =>
    `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${body}</s:Body></s:Envelope>`;
  const LIES: Readonly<Record<string, readonly [status: number, body: string]>> = {
    "a web page": [200, "<html><body>Please log in</body></html>"],
    "nothing at all": [200, ""],
    "another response": [200, ACKNOWLEDGEMENT.replaceAll("SendNotificationResponse", "SendOtherResponse")],
    "a response of another namespace": [200, envelope('<SendNotificationResponse xmlns="urn:other"/>')],
    "a fault with status 200": [200, envelope("<s:Fault><faultcode>s:Server</faultcode></s:Fault>")],
    "an acknowledgement with status 500": [500, ACKNOWLEDGEMENT],
    "half an acknowledgement": [200, ACKNOWLEDGEMENT.slice(0, -20)],
    "an acknowledgement behind a document type": [200, `<!DOCTYPE x [<!ENTITY e "e">]>${ACKNOWLEDGEMENT}`],
  };
  for (const [what, [status, body]] of Object.entries(LIES)) {
    it(`takes ${what} for no acknowledgement`, async () => {
      target.answer = (_, response) => response.writeHead(status, { "content-type": "text/xml" }).end(body);
      const { error, answer } = await send();
      target.answer = undefined;
      assert.equal(error?.code, "ILLEGAL_RESPONSE");
      assert.equal(answer, body);
    });
  }

  it("takes 202 with nothing for an acknowledgement", async () => {
    target.answer = (_, response) => response.writeHead(202).end();
    assert.equal((await send()).error, undefined);
    target.answer = undefined;
  });
});
