import assert from "node:assert/strict";
import { encodeClientAddress, encodeServerAddress } from "../../src/dlms/hdlc-address.ts";
import { encodeHdlcFrame } from "../../src/dlms/hdlc-frame.ts";
import { CipherKeys, cosem, DlmsClient, decodeApdu, encodeApdu, HdlcApduLink } from "../../src/dlms/index.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import { aareHook, failureCode, failureOf, get, type Hook, hls5, lonely } from "./client-parts.ts";
import {
  AUTHENTICATION_KEY,
  CHALLENGE,
  CLIENT_TITLE,
  clientSecurity,
  ENCRYPTION_KEY,
  KEYS,
  PASSWORD,
  SERVER_TITLE,
} from "./session.ts";

describe("association request of a client", () => {
  it("has no authentication and no title without security", () => {
    const { client, sent } = lonely({ type: "none" });
    client.connect();
    assert.equal(sent(), "601DA109060760857405080101BE10040E01000000065F1F040000FE1DFFFF");
  });

  it("has a password and a plain initiate-request with LLS, ciphered later or not", () => {
    for (const level of ["lls", "lls-ciphered"] as const) {
      const { client, sent } = lonely(clientSecurity(level));
      client.connect();
      const aarq = decodeApdu(fromHex(sent()));
      assert.ok(aarq.type === "aarq");
      assert.equal(aarq.mechanism, "low");
      assert.equal(toHex(aarq.callingAuthenticationValue!), toHex(PASSWORD));
      assert.equal(aarq.applicationContext, level === "lls" ? "logical-name" : "logical-name-with-ciphering");
      assert.equal(
        aarq.callingApTitle && toHex(aarq.callingApTitle),
        level === "lls" ? undefined : toHex(CLIENT_TITLE),
      );
      assert.equal(decodeApdu(aarq.userInformation).type, "initiate-request");
    }
  });

  it("has a challenge and a ciphered initiate-request with HLS5", () => {
    const { client, sent } = lonely(clientSecurity("hls5"));
    client.connect();
    const aarq = decodeApdu(fromHex(sent()));
    assert.ok(aarq.type === "aarq");
    assert.equal(aarq.mechanism, "high-gmac");
    assert.equal(toHex(aarq.callingAuthenticationValue!), toHex(CHALLENGE));
    const ciphered = decodeApdu(aarq.userInformation);
    assert.ok(ciphered.type === "ciphered");
    assert.equal(ciphered.tag, 0x21);
    const { plaintext, counter } = KEYS.unprotect(ciphered.payload, CLIENT_TITLE);
    assert.equal(counter, 0);
    assert.equal(decodeApdu(plaintext).type, "initiate-request");
  });
});

describe("association of a client", () => {
  it("tells result and diagnostic of a server that refuses", () => {
    const { client, sent, give } = lonely({ type: "lls", password: PASSWORD });
    client.connect();
    sent();
    give("611FA109060760857405080101A203020101A305A10302010DBE0604040E010601");
    const { code, context } = failureOf(client.nextEvent());
    assert.equal(code, "remote/association-rejected");
    assert.deepEqual(context, {
      result: 1,
      diagnosticSource: "acse-service-user",
      diagnostic: 13,
      "confirmed-service-error": { service: 1, category: 6, value: 1 },
    });
  });

  it("fails on an exception-response or service-error to the AARQ, with its numbers", () => {
    for (const [hex, code, context] of [
      ["D80105", "remote/exception-response", { stateError: 1, serviceError: 5 }],
      ["0E010600", "remote/service-error", { service: 1, category: 6, value: 0 }],
    ] as const) {
      const { client, sent, give } = lonely({ type: "none" });
      client.connect();
      sent();
      give(hex);
      const error = failureOf(client.nextEvent());
      assert.deepEqual([error.code, error.context], [code, context]);
    }
  });

  it("fails when the server ciphers with another key", () => {
    const other = new CipherKeys(AUTHENTICATION_KEY, ENCRYPTION_KEY);
    const aare = aareHook((decoded) => {
      const plaintext = fromHex("0800065F1F040000FE1DFFFF0007");
      const payload = other.protect(plaintext, SERVER_TITLE, 0);
      return { ...decoded, userInformation: encodeApdu({ type: "ciphered", tag: 0x28, payload }) };
    });
    assert.equal(failureCode(hls5({ sealed: aare })), "security/tag");
  });

  it("fails when the initiate-response of a ciphered association comes plain", () => {
    const userInformation = fromHex("0800065F1F040000FE1DFFFF0007");
    const session = hls5({ sealed: aareHook((aare) => ({ ...aare, userInformation })) });
    assert.equal(failureCode(session), "security/unciphered");
  });

  it("fails when the AARE has no system title, or the client's own", () => {
    for (const respondingApTitle of [undefined, CLIENT_TITLE]) {
      const session = hls5({ sealed: aareHook((aare) => ({ ...aare, respondingApTitle })) });
      assert.equal(failureCode(session), "security/authentication");
    }
  });

  it("fails when the server's challenge is missing, the client's own, or too short", () => {
    for (const [respondingAuthenticationValue, code] of [
      [undefined, "security/authentication"],
      [CHALLENGE, "security/authentication"],
      [new Uint8Array(7), "security/key"],
    ] as const) {
      const session = hls5({ sealed: aareHook((aare) => ({ ...aare, respondingAuthenticationValue })) });
      assert.equal(failureCode(session), code);
    }
  });

  it("fails when the server does not answer the client's challenge", () => {
    const token = KEYS.hlsToken(SERVER_TITLE, 5, new Uint8Array(16));
    const returned = { data: cosem.octetString(token) };
    for (const response of [{ result: "success", returned }, { result: "success" }] as const) {
      const pass4: Hook = (apdu) =>
        apdu[0] === 0xc7
          ? encodeApdu({
              type: "action-response-normal",
              invoke: { id: 1, confirmed: true, highPriority: true },
              response,
            })
          : apdu;
      assert.equal(failureCode(hls5({ plain: pass4 })), "security/authentication");
    }
  });

  for (const way of ["plain", "sealed"] as const) {
    it(`says that the server refused our token when pass 3 is refused, ${way === "plain" ? "ciphered" : "plain"}`, () => {
      const refusal: Hook = (apdu) => ([0xc7, 0xcf].includes(apdu[0]!) ? fromHex("C701C1FA00") : apdu);
      const error = failureOf(hls5({ [way]: refusal }).clientEvents.at(-1));
      assert.equal(error.code, "remote/token-refused");
      assert.match(error.message, /refused this side's HLS token with other-reason/);
      assert.deepEqual(error.context, { result: "other-reason" });
    });
  }

  it("names the application context when the server accepts another than was offered", () => {
    const plain = { applicationContext: "logical-name", respondingApTitle: undefined } as const;
    const error = failureOf(hls5({ sealed: aareHook((aare) => ({ ...aare, ...plain })) }).clientEvents.at(-1));
    assert.equal(error.code, "remote/application-context");
    assert.deepEqual(error.context, { offered: "logical-name-with-ciphering", accepted: "logical-name" });
  });

  it("names the initiate-error of an AARE, plain or ciphered, refused or accepted", () => {
    const initiateError = fromHex("0E010603");
    const payload = KEYS.protect(initiateError, SERVER_TITLE, 7);
    const ciphered = encodeApdu({ type: "ciphered", tag: 0x28, payload });
    for (const [result, userInformation, code] of [
      [1, initiateError, "remote/association-rejected"],
      [1, ciphered, "remote/association-rejected"],
      [0, initiateError, "remote/service-error"],
      [0, ciphered, "remote/service-error"],
    ] as const) {
      const aare = aareHook((decoded) => ({ ...decoded, result, userInformation }));
      const error = failureOf(hls5({ sealed: aare }).clientEvents.at(-1));
      assert.equal(error.code, code);
      assert.match(error.message, /initiate-error, initiate pdu-size-too-short/);
    }
  });

  it("uses a counter of its own for the AARQ, the HLS token, its APDU and each request", () => {
    const session = hls5({}, { client: { security: clientSecurity("hls5", "glo", 100) } });
    session.response(get);
    const counters = session.sent
      .filter(({ from }) => from === "client")
      .map(({ bytes }) => decodeApdu(bytes.subarray(8)))
      .map((apdu) => (apdu.type === "aarq" ? decodeApdu(apdu.userInformation) : apdu))
      .map((apdu) => apdu.type === "ciphered" && KEYS.unprotect(apdu.payload, CLIENT_TITLE).counter);
    assert.deepEqual(counters, [100, 102, 103]);
  });

  it("fails when HDLC is refused with DM", () => {
    const link = new HdlcApduLink({ role: "client", clientAddress: 16, serverAddress: { upper: 1 } });
    const client = new DlmsClient({ link, security: { type: "none" } });
    client.connect();
    client.nextEvent();
    const control = { type: "DM" as const, pollFinal: true };
    const [destination, source] = [encodeClientAddress(16), encodeServerAddress({ upper: 1 })];
    client.receive(encodeHdlcFrame({ destination, source, control, segmented: false, information: new Uint8Array(0) }));
    assert.equal(failureOf(client.nextEvent()).code, "remote/association-rejected");
  });
});
