import assert from "node:assert/strict";
import {
  cosem,
  encodeApdu,
  encodeWrapperFrame,
  openNotification,
  SECURITY_CONTROL,
  type SecurityControl,
  type ServiceRequest,
  type ServiceResponse,
  WrapperDecoder,
} from "../../src/dlms/index.ts";
import { fromHex } from "../../src/lib/bytes.ts";
import { action, answerAll, apdusOf, attribute, get, hls5, LOGICAL_NAME, release } from "./peers-parts.ts";
import { plain } from "./plain.ts";
import { clientSecurity, KEYS, SERVER_TITLE, Session, serverAssociation } from "./session.ts";

describe("pushes of the meters of others", () => {
  const notification = {
    type: "data-notification" as const,
    longInvokeIdAndPriority: 0x40000001,
    dateTime: new Uint8Array(0),
    body: cosem.structure([cosem.visibleString("E0001")]),
  };

  it("are opened when they come as general-glo in a wrapper frame from wPort 1 to 0x40", () => {
    const payload = KEYS.protect(encodeApdu(notification), SERVER_TITLE, 9);
    const apdu = encodeApdu({ type: "ciphered", tag: 0xdb, systemTitle: SERVER_TITLE, payload });
    const frames = [...new WrapperDecoder().push(encodeWrapperFrame({ source: 1, destination: 0x40, apdu }))];
    const opened = openNotification(frames[0]!.apdu, (title) => {
      assert.deepEqual(plain(title), plain(SERVER_TITLE));
      return KEYS;
    });
    const origin = { systemTitle: SERVER_TITLE, counter: 9, control: 0x30 };
    assert.deepEqual(plain(opened), plain({ notification, origin }));
  });

  it("that are encrypted only open when the caller asks for no more, with the keys of the simulator's page", () => {
    const push = fromHex("DB084D475400000000010F2000000001ECF344E0E8A2749A8FA7");
    assert.throws(() => openNotification(push, () => KEYS), { code: "security/unciphered" });
    const opened = openNotification(push, () => KEYS, SECURITY_CONTROL.encrypted);
    assert.equal(opened.notification.type, "data-notification");
    assert.deepEqual(plain(opened.origin), { systemTitle: "hex:4D47540000000001", counter: 1, control: 0x20 });
  });

  for (const [form, tag] of [
    ["general-glo", 0xdb],
    ["general-ded", 0xdc],
  ] as const) {
    it(`in ${form} open with every protection that the caller's requirement allows, and with no less`, () => {
      const { authenticated, encrypted, authenticatedAndEncrypted } = SECURITY_CONTROL;
      const all = [authenticated, encrypted, authenticatedAndEncrypted] as const;
      for (const control of all) {
        const payload = KEYS.protect(encodeApdu(notification), SERVER_TITLE, 9, control);
        const push = encodeApdu({ type: "ciphered", tag, systemTitle: SERVER_TITLE, payload });
        for (const required of [undefined, ...all]) {
          const open = () =>
            openNotification(push, (_, told) => (told === form ? KEYS : undefined), required).origin?.control;
          const wanted = required ?? authenticatedAndEncrypted;
          if ((control & wanted) === wanted) assert.equal(open(), control);
          else assert.throws(open, { code: "security/unciphered" });
        }
      }
    });
  }

  it("that come plain are refused once the caller requires protection", () => {
    const open = () => openNotification(encodeApdu(notification), () => KEYS, SECURITY_CONTROL.authenticated);
    assert.throws(open, { code: "security/unciphered" });
  });

  it("are opened when they come plain, without an origin", () => {
    const opened = openNotification(encodeApdu(notification), () => KEYS);
    assert.deepEqual(plain(opened), plain({ notification }));
  });

  it("are refused without keys, with wrong keys, and when they are none", () => {
    const payload = KEYS.protect(encodeApdu(notification), SERVER_TITLE, 9);
    const general = { type: "ciphered" as const, tag: 0xdb, systemTitle: SERVER_TITLE, payload };
    const otherKeys = KEYS.withEncryptionKey(new Uint8Array(16));
    const request = encodeApdu({ type: "rlrq", reason: 0 });
    const untitled = encodeApdu({ ...general, systemTitle: new Uint8Array(0) });
    assert.throws(() => openNotification(encodeApdu(general), () => undefined), { code: "security/authentication" });
    assert.throws(() => openNotification(untitled, () => KEYS), { code: "security/authentication" });
    assert.throws(() => openNotification(encodeApdu(general), () => otherKeys), { code: "security/tag" });
    assert.throws(() => openNotification(request, () => KEYS), { code: "remote/unexpected-apdu" });
  });

  const eventNotification = encodeApdu({
    type: "event-notification-request",
    attribute: { classId: 1, logicalName: LOGICAL_NAME, attribute: 2 },
    value: cosem.unsigned(1),
  });
  const sealedPush = (apdu: Uint8Array, control: SecurityControl, counter: number) => {
    const payload = KEYS.protect(apdu, SERVER_TITLE, counter, control);
    return encodeApdu({ type: "ciphered", tag: 0xdb, systemTitle: SERVER_TITLE, payload });
  };
  const { authenticatedAndEncrypted, encrypted } = SECURITY_CONTROL;
  const gloEvent = KEYS.protect(eventNotification, SERVER_TITLE, 4).map((octet, i) => (i === 9 ? octet ^ 1 : octet));

  /** What meters say unasked, and what is told of it in a ciphered association. */
  const unasked: readonly (readonly [what: string, push: Uint8Array, told: string])[] = [
    ["a plain data-notification", encodeApdu(notification), "notification false"],
    ["a plain event-notification", eventNotification, "notification false"],
    [
      "a ciphered data-notification",
      sealedPush(encodeApdu(notification), authenticatedAndEncrypted, 77),
      "notification true",
    ],
    [
      "a ciphered event-notification",
      sealedPush(eventNotification, authenticatedAndEncrypted, 78),
      "notification true",
    ],
    ["an encrypted one", sealedPush(encodeApdu(notification), encrypted, 79), "notification false"],
    ["one in a general block", fromHex("E0C0000100000A0F000000010002011107"), "notification false"],
    ["one that is cut off", fromHex("0F0000"), "frame-dropped"],
    [
      "one in glo that does not verify",
      encodeApdu({ type: "ciphered", tag: 0xca, payload: gloEvent }),
      "frame-dropped",
    ],
  ];

  for (const [what, push, told] of unasked) {
    it(`are told of at any time and end nothing: ${what}`, () => {
      const long = cosem.octetString(new Uint8Array(500));
      const answer = (request: ServiceRequest): ServiceResponse | undefined => {
        if (request.type === "get") return { type: "get", results: [{ data: long }] };
        return request.type === "set" ? { type: "set", results: ["success"] } : answerAll(request);
      };
      // Before each APDU of the meter, the AARE and each block of an answer among them.
      const cut = (bytes: Uint8Array, to: "client" | "server") =>
        to === "client" ? [encodeWrapperFrame({ source: 1, destination: 1, apdu: push }), bytes] : [bytes];
      const session = new Session({
        client: { security: clientSecurity("hls5"), maxReceivePduSize: 200 },
        association: serverAssociation("hls5", { maxReceivePduSize: 200 }),
        answer,
        cut,
      }).connect();
      const requests = [get, { type: "set", attributes: [attribute], values: [long] } as const, action];
      for (const request of requests) session.ask(request);
      release(session);
      const events = session.clientEvents.map((event) =>
        event.type === "notification" ? `${event.type} ${event.secured}` : event.type,
      );
      const rest = events.filter((event) => event !== "frame-dropped" && !event.startsWith("notification"));
      assert.deepEqual(rest, ["associated", "response", "response", "response", "released"]);
      assert.equal(events[0], told);
      const pushes = apdusOf(session, "server").length;
      assert.ok(pushes >= 9);
      // The same counter again is a replay.
      const again = told === "notification true" ? "notification false" : told;
      assert.deepEqual(events.filter((event) => !rest.includes(event)).slice(1), new Array(pushes - 1).fill(again));
    });
  }

  it("with a counter of their own do not disturb the answers, and are told as replayed when it does not rise", () => {
    const session = hls5();
    for (const [counter, secured] of [
      [900, true],
      [900, false],
      [5, false],
      [901, true],
    ] as const) {
      const apdu = sealedPush(encodeApdu(notification), authenticatedAndEncrypted, counter);
      session.client.receive(encodeWrapperFrame({ source: 1, destination: 1, apdu }));
      const event = session.client.nextEvent();
      assert.deepEqual(plain(event), plain({ type: "notification", notification, secured }));
      assert.equal(session.response(get).type, "get");
    }
  });

  it("are passed on in the middle of a request, whose answer still comes", () => {
    let session: Session | undefined;
    const answer = (request: ServiceRequest) => {
      session?.server.notify(notification);
      return answerAll(request);
    };
    session = hls5({}, { answer });
    const event = session.ask(get);
    assert.deepEqual(plain(event), plain({ type: "notification", notification, secured: true }));
    assert.equal(session.clientEvents.at(-1)?.type, "response");
  });
});
