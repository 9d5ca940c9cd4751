import assert from "node:assert/strict";
import {
  type ClientEvent,
  cosem,
  decodeApdu,
  encodeApdu,
  encodeWrapperFrame,
  openNotification,
  SECURITY_CONTROL,
  type SecurityControl,
  type ServerAssociation,
  type ServerCiphering,
  type ServiceRequest,
  type ServiceResponse,
  WrapperDecoder,
} from "../../src/dlms/index.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import { parseObis } from "../../src/lib/obis.ts";
import { plain } from "./plain.ts";
import {
  clientSecurity,
  countingRandom,
  KEYS,
  SERVER_TITLE,
  Session,
  type SessionOptions,
  serverAssociation,
} from "./session.ts";

/** What meters in the field do, and that a client gets along with it. */

const LOGICAL_NAME = parseObis("0.0.1.0.0.255");
const attribute = { classId: 8, logicalName: LOGICAL_NAME, attribute: 2 };
const get: ServiceRequest = { type: "get", attributes: [attribute] };
const action: ServiceRequest = {
  type: "action",
  methods: [{ classId: 18, logicalName: LOGICAL_NAME, method: 1 }],
  parameters: [cosem.integer(0)],
};

type Hook = (apdu: Uint8Array) => Uint8Array | undefined;

/** An HLS5 association with a meter whose APDUs are changed on their way out. */
function hls5(hooks: { plain?: Hook; sealed?: Hook } = {}, more: SessionOptions = {}): Session {
  return new Session({
    client: { security: clientSecurity("hls5", "general-glo") },
    association: serverAssociation("hls5"),
    server: { hooks },
    answer: answerAll,
    ...more,
  }).connect();
}

function answerAll(request: ServiceRequest): ServiceResponse | undefined {
  if (request.type === "get")
    return { type: "get", results: request.attributes.map(() => ({ data: cosem.unsigned(7) })) };
  if (request.type === "action") return { type: "action", results: request.methods.map(() => ({ result: "success" })) };
  return undefined;
}

/** Replaces APDUs that begin with this octet. */
function replace(tag: number, by: (apdu: Uint8Array) => Uint8Array | undefined): Hook {
  return (apdu) => (apdu[0] === tag ? by(apdu) : apdu);
}

function withCiphering(more: Partial<ServerCiphering>): ServerAssociation {
  const association = serverAssociation("hls5");
  assert.ok(association.security.type === "hls5");
  return { security: { ...association.security, ciphering: { ...association.security.ciphering, ...more } } };
}

function release(session: Session): ClientEvent | undefined {
  session.client.release();
  session.run();
  return session.clientEvents.at(-1);
}

/** The APDUs of one side without their wrapper. */
function apdusOf(session: Session, side: "client" | "server"): Uint8Array[] {
  const decoder = new WrapperDecoder();
  return session.sent
    .filter(({ from }) => from === side)
    .flatMap(({ bytes }) => [...decoder.push(bytes)].map(({ apdu }) => apdu));
}

const RLRE = 0x63;

describe("a client among the meters of others", () => {
  for (const [name, rlre] of [
    ["ciphered user-information, 4 octets too short", `6324800100BE230421${"28".padEnd(70, "0")}`],
    ["plain user-information", "6311800100BE10040E0800065F1F040000301D020000070000000000"],
    ["nothing that can be decoded", "63FF"],
  ] as const) {
    it(`is released by an RLRE with a wrong length and ${name}`, () => {
      const session = hls5({ sealed: replace(RLRE, () => fromHex(rlre)) });
      session.response(get);
      assert.deepEqual(release(session), { type: "released" });
    });
  }

  it("is released by an exception-response to its plain RLRQ", () => {
    const session = hls5({ sealed: replace(RLRE, () => fromHex("D80102")) });
    session.response(get);
    assert.deepEqual(release(session), { type: "released" });
  });

  it("is released when the meter closes the connection instead of answering the RLRQ", () => {
    const session = hls5({ sealed: replace(RLRE, () => undefined) });
    release(session);
    session.client.disconnected();
    assert.deepEqual(session.client.nextEvent(), { type: "released" });
  });

  it("tells the counter that a meter expects when its own is too low", () => {
    const session = new Session({
      client: { security: clientSecurity("hls5", "glo", 5) },
      association: withCiphering({ lowestClientCounter: 1000 }),
    }).connect();
    assert.equal(toHex(apdusOf(session, "server")[0]!), "D80106000003E8");
    const [event] = session.clientEvents;
    assert.ok(event?.type === "failed");
    assert.equal(event.error.code, "remote/exception-response");
    assert.deepEqual(event.error.context, { stateError: 1, serviceError: 6, expectedInvocationCounter: 1000 });
  });

  it("tells the numbers of a meter that takes a low counter for a failure to decipher", () => {
    const session = new Session({
      client: { security: clientSecurity("hls5") },
      association: withCiphering({ lowestClientCounter: 1000, replayAnswer: "deciphering-error" }),
    }).connect();
    const [event] = session.clientEvents;
    assert.ok(event?.type === "failed");
    assert.deepEqual(event.error.context, { stateError: 2, serviceError: 5 });
  });

  it("waits on while a meter is silent about a low counter", () => {
    const session = new Session({
      client: { security: clientSecurity("hls5") },
      association: withCiphering({ lowestClientCounter: 1000, replayAnswer: "silence" }),
    }).connect();
    assert.deepEqual(session.clientEvents, []);
    assert.equal(session.client.state, "associating");
  });

  it("takes the counters of a meter that begins at 0 with each association", () => {
    for (let association = 0; association < 2; association++) {
      const session = hls5();
      assert.equal(decodeAareCounter(session), 0);
      assert.equal(session.response(get).type, "get");
    }
  });

  it("associates with challenges of 8 to 64 octets, its own and the meter's", () => {
    for (const [own, meters] of [
      [8, 64],
      [16, 16],
      [64, 8],
    ] as const) {
      const security = clientSecurity("hls5");
      const { security: server } = serverAssociation("hls5");
      assert.ok(security.type === "hls5" && server.type === "hls5");
      const session = new Session({
        client: { security: { ...security, challenge: countingRandom().bytes(own) } },
        association: { security: { ...server, challengeLength: meters } },
        server: { random: { bytes: (length) => new Uint8Array(length).fill(0x55) } },
      }).connect();
      assert.equal(session.clientEvents[0]?.type, "associated", `${own} and ${meters} octets`);
    }
  });

  it("takes an ACTION answer that ends behind the result", () => {
    const denied: ServiceResponse = { type: "action", results: [{ result: "read-write-denied" }] };
    const cutOff = (apdu: Uint8Array) => (apdu[3] === 3 ? apdu.subarray(0, 4) : apdu);
    const session = hls5({ plain: replace(0xc7, cutOff) }, { answer: () => denied });
    assert.deepEqual(session.response(action), denied);
  });

  it("goes on after a ciphered answer that is no APDU", () => {
    let isBroken = true;
    const session = hls5({ plain: (apdu) => (isBroken && apdu[0] === 0xc4 ? fromHex("0001C109") : apdu) });
    const event = session.ask(get);
    assert.ok(event?.type === "refused");
    assert.equal(event.error.code, "remote/malformed");
    isBroken = false;
    assert.equal(session.response(get).type, "get");
  });

  it("passes on how each meter says that an object is unknown", () => {
    for (const error of ["read-write-denied", "object-undefined"] as const) {
      const response: ServiceResponse = { type: "get", results: [{ error }] };
      assert.deepEqual(hls5({}, { answer: () => response }).response(get), response);
    }
  });

  for (const [form, requestTag, answerTag] of [
    ["glo", 0xc8, 0xcc],
    ["general-glo", 0xdb, 0xdb],
    ["ded", 0xd0, 0xd4],
    ["general-ded", 0xdc, 0xdc],
  ] as const) {
    it(`asks and is answered in the form ${form}, after an HLS exchange in glo`, () => {
      const session = hls5({}, { client: { security: clientSecurity("hls5", form) } });
      session.response(get);
      assert.deepEqual(
        apdusOf(session, "client").map(([tag]) => tag),
        [0x60, 0xcb, requestTag],
      );
      assert.deepEqual(
        apdusOf(session, "server").map(([tag]) => tag),
        [0x61, 0xcf, answerTag],
      );
    });
  }

  it("takes an answer in another form than its request's", () => {
    const counters = { next: 100 };
    const general: Hook = (apdu) => {
      const outer = decodeApdu(apdu);
      if (outer.type !== "ciphered" || outer.tag !== 0xcc) return apdu;
      const { plaintext } = KEYS.unprotect(outer.payload, SERVER_TITLE);
      const payload = KEYS.protect(plaintext, SERVER_TITLE, counters.next++);
      return encodeApdu({ type: "ciphered", tag: 0xdb, systemTitle: SERVER_TITLE, payload });
    };
    const session = hls5({ sealed: general }, { client: { security: clientSecurity("hls5", "glo") } });
    assert.equal(session.response(get).type, "get");
    assert.equal(session.response(get).type, "get");
  });

  it("takes a general-glo answer that leaves the system title out", () => {
    const untitled: Hook = (apdu) => {
      const outer = decodeApdu(apdu);
      return outer.type === "ciphered" && outer.systemTitle
        ? encodeApdu({ ...outer, systemTitle: new Uint8Array(0) })
        : apdu;
    };
    assert.equal(hls5({ sealed: untitled }).response(get).type, "get");
  });

  it("takes an object list in blocks of 512 or 256 octets inside general-glo", () => {
    const list = cosem.array(Array.from({ length: 300 }, (_, i) => cosem.structure([cosem.longUnsigned(i)])));
    for (const maxReceivePduSize of [512, 256]) {
      const client = { security: clientSecurity("hls5", "general-glo"), maxReceivePduSize };
      const session = hls5({}, { client, answer: () => ({ type: "get", results: [{ data: list }] }) });
      assert.deepEqual(session.response(get), { type: "get", results: [{ data: list }] });
    }
  });

  it("takes an object list as one APDU of 7 kB with a length of two octets", () => {
    const data = cosem.octetString(new Uint8Array(7200).fill(0xab));
    const session = hls5({}, { answer: () => ({ type: "get", results: [{ data }] }) });
    assert.deepEqual(plain(session.response(get)), plain({ type: "get", results: [{ data }] }));
    const [answer] = apdusOf(session, "server").slice(-1);
    assert.equal(toHex(answer!.subarray(0, 2)), "DB08");
    assert.equal(toHex(answer!.subarray(10, 11)), "82");
    assert.equal(answer!.length, 13 + ((answer![11]! << 8) | answer![12]!));
  });

  it("takes an AARE with the protocol version", () => {
    const AARE = 0x61;
    const versioned = (apdu: Uint8Array) => {
      const aare = decodeApdu(apdu);
      assert.ok(aare.type === "aare");
      return encodeApdu({ ...aare, protocolVersion: true });
    };
    const session = hls5({ plain: replace(AARE, versioned) });
    assert.ok(toHex(apdusOf(session, "server")[0]!).includes("80020780"));
    assert.equal(session.clientEvents[0]?.type, "associated");
  });

  it("passes temporary failures of image transfer on and goes on", () => {
    let tries = 0;
    const session = hls5(
      {},
      { answer: () => ({ type: "action", results: [{ result: ++tries < 3 ? "temporary-failure" : "success" }] }) },
    );
    const results = [1, 2, 3].map(() => session.response(action));
    assert.deepEqual(
      results.map((response) => response.type === "action" && response.results[0]?.result),
      ["temporary-failure", "temporary-failure", "success"],
    );
  });
});

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

function decodeAareCounter(session: Session): number {
  const aare = decodeApdu(apdusOf(session, "server")[0]!);
  assert.ok(aare.type === "aare" && aare.userInformation);
  const initiate = decodeApdu(aare.userInformation);
  assert.ok(initiate.type === "ciphered");
  return KEYS.unprotect(initiate.payload, SERVER_TITLE).counter;
}
