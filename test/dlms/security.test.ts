import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import fc from "fast-check";
import { CipherKeys, DlmsError, gmac, type SecurityControl, unwrapKey, wrapKey } from "../../src/dlms/index.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import { AUTHENTICATION_KEY, CLIENT_TITLE, ENCRYPTION_KEY, KEYS, SERVER_TITLE } from "./session.ts";

interface Vector {
  readonly name: string;
  readonly source: string;
}

interface KeyedVector extends Vector {
  readonly encryptionKey: string;
  readonly authenticationKey: string;
  readonly systemTitle: string;
  readonly counter: number;
}

interface Vectors {
  readonly protect: (KeyedVector & { control: SecurityControl; plaintext: string; payload: string })[];
  readonly hls: (KeyedVector & { challenge: string; token: string })[];
  readonly gmac: (Vector & { key: string; iv: string; data: string; tag: string })[];
  readonly keyWrap: (Vector & { wrappingKey: string; key: string; wrapped: string })[];
}

const vectors: Vectors = JSON.parse(readFileSync(new URL("../vectors/dlms-security.json", import.meta.url), "utf8"));

function keysOf(vector: KeyedVector): CipherKeys {
  return new CipherKeys(fromHex(vector.encryptionKey), fromHex(vector.authenticationKey));
}

function octets(min: number, max = min): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: min, maxLength: max });
}

const counters = fc.integer({ min: 0, max: 0xffff_ffff });
const controls = fc.constantFrom<SecurityControl>(0x10, 0x20, 0x30);

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof DlmsError, `not a DlmsError: ${error}`);
    return error.code;
  }
  return "none";
}

describe("protection of APDUs", () => {
  for (const vector of vectors.protect) {
    it(`protects ${vector.name} (${vector.source})`, () => {
      const { systemTitle, counter, control, plaintext, payload } = vector;
      const made = keysOf(vector).protect(fromHex(plaintext), fromHex(systemTitle), counter, control);
      assert.equal(toHex(made), payload);
    });

    it(`recovers ${vector.name}`, () => {
      const { systemTitle, counter, control, plaintext, payload } = vector;
      const found = keysOf(vector).unprotect(fromHex(payload), fromHex(systemTitle), control);
      assert.deepEqual({ ...found, plaintext: toHex(found.plaintext) }, { control, counter, plaintext });
    });
  }

  it("gives back what was protected, for any text and counter", () => {
    fc.assert(
      fc.property(octets(0, 300), octets(8), counters, controls, (plaintext, title, counter, control) => {
        const found = KEYS.unprotect(KEYS.protect(plaintext, title, counter, control), title, control);
        assert.deepEqual(found, { control, counter, plaintext });
      }),
    );
  });

  it("deciphers nothing of which a single bit was flipped", () => {
    fc.assert(
      fc.property(octets(0, 40), counters, fc.nat(), (plaintext, counter, position) => {
        const payload = KEYS.protect(plaintext, CLIENT_TITLE, counter);
        const bit = position % (payload.length * 8);
        payload[bit >> 3]! ^= 0x80 >> (bit & 7);
        assert.notEqual(
          codeOf(() => KEYS.unprotect(payload, CLIENT_TITLE)),
          "none",
        );
      }),
      { numRuns: 500 },
    );
  });

  it("deciphers nothing with another key, authentication key or system title", () => {
    const payload = KEYS.protect(fromHex("C001"), CLIENT_TITLE, 7);
    const otherKey = new CipherKeys(AUTHENTICATION_KEY, AUTHENTICATION_KEY);
    const otherAuthenticationKey = new CipherKeys(ENCRYPTION_KEY, ENCRYPTION_KEY);
    assert.equal(
      codeOf(() => otherKey.unprotect(payload, CLIENT_TITLE)),
      "security/tag",
    );
    assert.equal(
      codeOf(() => otherAuthenticationKey.unprotect(payload, CLIENT_TITLE)),
      "security/tag",
    );
    assert.equal(
      codeOf(() => KEYS.unprotect(payload, SERVER_TITLE)),
      "security/tag",
    );
  });

  it("refuses what is only encrypted or only authenticated unless told to take it", () => {
    for (const control of [0x10, 0x20] as const) {
      const payload = KEYS.protect(fromHex("C001"), CLIENT_TITLE, 7, control);
      assert.equal(
        codeOf(() => KEYS.unprotect(payload, CLIENT_TITLE)),
        "security/unciphered",
      );
    }
  });

  it("refuses suites, the broadcast key and compression, which it does not know", () => {
    for (const control of [0x31, 0x32, 0x70, 0xb0, 0x00]) {
      const payload = KEYS.protect(fromHex("C001"), CLIENT_TITLE, 7);
      payload[0] = control;
      assert.equal(
        codeOf(() => KEYS.unprotect(payload, CLIENT_TITLE)),
        "remote/malformed",
      );
    }
  });

  it("meets any octets with a DlmsError", () => {
    fc.assert(
      fc.property(octets(0, 60), (payload) => {
        assert.match(
          codeOf(() => KEYS.unprotect(payload, CLIENT_TITLE)),
          /^(remote|security)\//,
        );
      }),
    );
  });

  it("refuses keys, system titles and challenges of an impossible length", () => {
    const challenges = [new Uint8Array(7), new Uint8Array(65)];
    assert.equal(
      codeOf(() => new CipherKeys(new Uint8Array(15), AUTHENTICATION_KEY)),
      "security/key",
    );
    assert.equal(
      codeOf(() => new CipherKeys(ENCRYPTION_KEY, new Uint8Array(0))),
      "security/key",
    );
    assert.equal(
      codeOf(() => KEYS.protect(new Uint8Array(1), new Uint8Array(7), 0)),
      "security/key",
    );
    for (const challenge of challenges) {
      assert.equal(
        codeOf(() => KEYS.hlsToken(CLIENT_TITLE, 0, challenge)),
        "security/key",
      );
    }
  });

  it("shows no key to whoever prints or serialises it", () => {
    const shown = `${inspect(KEYS, { depth: 9, showHidden: true })}${JSON.stringify(KEYS)}`.toUpperCase();
    for (const secret of [ENCRYPTION_KEY, AUTHENTICATION_KEY]) {
      assert.ok(!shown.includes(toHex(secret)));
      assert.ok(!shown.includes([...secret].join(", ")));
    }
  });
});

describe("HLS tokens", () => {
  for (const vector of vectors.hls) {
    it(`is made and verified when ${vector.name} (${vector.source})`, () => {
      const keys = keysOf(vector);
      const title = fromHex(vector.systemTitle);
      const challenge = fromHex(vector.challenge);
      assert.equal(toHex(keys.hlsToken(title, vector.counter, challenge)), vector.token);
      assert.equal(keys.verifiesHlsToken(fromHex(vector.token), title, challenge), true);
    });
  }

  it("does not verify with another challenge, title, key or a flipped bit", () => {
    fc.assert(
      fc.property(octets(8, 64), counters, fc.nat(17 * 8 - 1), (challenge, counter, bit) => {
        const token = KEYS.hlsToken(CLIENT_TITLE, counter, challenge);
        const otherChallenge = Uint8Array.from(challenge, (octet, i) => (i === 0 ? octet ^ 1 : octet));
        const otherKeys = new CipherKeys(AUTHENTICATION_KEY, ENCRYPTION_KEY);
        const flipped = Uint8Array.from(token, (octet, i) => (i === bit >> 3 ? octet ^ (0x80 >> (bit & 7)) : octet));
        assert.equal(KEYS.verifiesHlsToken(token, CLIENT_TITLE, challenge), true);
        assert.equal(KEYS.verifiesHlsToken(token, CLIENT_TITLE, otherChallenge), false);
        assert.equal(KEYS.verifiesHlsToken(token, SERVER_TITLE, challenge), false);
        assert.equal(otherKeys.verifiesHlsToken(token, CLIENT_TITLE, challenge), false);
        assert.equal(KEYS.verifiesHlsToken(flipped, CLIENT_TITLE, challenge), false);
      }),
      { numRuns: 50 },
    );
  });

  it("does not verify when it has another length", () => {
    const token = KEYS.hlsToken(CLIENT_TITLE, 1, new Uint8Array(16));
    assert.equal(KEYS.verifiesHlsToken(token.subarray(0, 16), CLIENT_TITLE, new Uint8Array(16)), false);
    assert.equal(KEYS.verifiesHlsToken(new Uint8Array(0), CLIENT_TITLE, new Uint8Array(16)), false);
  });
});

describe("GMAC", () => {
  for (const { name, source, key, iv, data, tag } of vectors.gmac) {
    it(`is right for ${name} (${source})`, () => {
      assert.equal(toHex(gmac(fromHex(key), fromHex(iv), fromHex(data))), tag);
    });
  }
});

describe("key wrap", () => {
  for (const { name, source, wrappingKey, key, wrapped } of vectors.keyWrap) {
    it(`wraps and unwraps ${name} (${source})`, () => {
      assert.equal(toHex(wrapKey(fromHex(wrappingKey), fromHex(key))), wrapped);
      assert.equal(toHex(unwrapKey(fromHex(wrappingKey), fromHex(wrapped))), key);
    });
  }

  it("unwraps nothing that was changed or wrapped with another key", () => {
    fc.assert(
      fc.property(octets(16), fc.nat(24 * 8 - 1), (key, bit) => {
        const wrapped = wrapKey(ENCRYPTION_KEY, key);
        assert.equal(
          codeOf(() => unwrapKey(AUTHENTICATION_KEY, wrapped)),
          "security/tag",
        );
        wrapped[bit >> 3]! ^= 0x80 >> (bit & 7);
        assert.equal(
          codeOf(() => unwrapKey(ENCRYPTION_KEY, wrapped)),
          "security/tag",
        );
      }),
      { numRuns: 50 },
    );
  });

  it("refuses keys that cannot be wrapped or unwrapped for their length", () => {
    assert.equal(
      codeOf(() => wrapKey(ENCRYPTION_KEY, new Uint8Array(15))),
      "security/key",
    );
    assert.equal(
      codeOf(() => wrapKey(new Uint8Array(8), new Uint8Array(16))),
      "security/key",
    );
    assert.equal(
      codeOf(() => unwrapKey(ENCRYPTION_KEY, new Uint8Array(16))),
      "security/key",
    );
  });
});
