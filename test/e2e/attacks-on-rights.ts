import assert from "node:assert/strict";
import { selfSigned } from "../../src/certificates/authority.ts";
import { since, systemClock } from "../../src/lib/clock.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { WSSE, WSU } from "../../src/soap/security/names.ts";
import { issue, wanted } from "../certificates/authority.ts";
import { type Attack, about, fetching, GAS_METER, METER, message, OWN } from "./attack-world.ts";

/** How long a right that was withdrawn may be believed. */
const BELIEVED_MS = 1_000;
/** Longer than that; more where it took longer to withdraw the right. */
const LATER_MS = 1_500;

/** By whoever is not what is claimed, or wants what others may. */
export const ON_RIGHTS: readonly Attack[] = [
  {
    what: "no certificate",
    by: (world) => world.send(OWN, { identity: undefined }),
    fault:
      /Client certificate is untrusted or invalid for organisation \[test-org\]: no client certificate was presented/,
  },
  {
    what: "certificate of another organisation",
    by: (world) => world.send(OWN, { identity: world.identities.get("other-org") }),
    fault: /invalid for organisation \[test-org\]: the certificate is for other-org, not for test-org/,
  },
  {
    what: "certificate whose name differs in case",
    by: (world) => world.send(OWN, { identity: issue("TEST-ORG") }),
    fault: /the certificate is for TEST-ORG, not for test-org/,
  },
  {
    what: "expired certificate",
    by: (world) => world.send(OWN, { identity: issue("test-org", { valid: { from: -9, to: -1 } }) }),
    fault: /the certificate expired on .*; the clock here says/,
  },
  {
    what: "certificate of tomorrow",
    by: (world) => world.send(OWN, { identity: issue("test-org", { valid: { from: 1, to: 9 } }) }),
    fault: /the certificate is not valid before/,
  },
  {
    what: "revoked certificate",
    by: (world) => world.send(OWN, { identity: world.revoked }),
    fault: /the certificate was revoked/,
  },
  {
    what: "certificate that signed itself",
    by: (world) => world.send(OWN, { identity: selfSigned(wanted("test-org"), { client: true }, systemRandom) }),
    fault: /the certificate signed itself/,
  },
  {
    what: "certificate of an authority that nobody believes",
    by: (world) => world.send(OWN, { identity: issue("test-org", { by: world.stranger }) }),
    fault: /not issued by one of the authorities/,
  },
  {
    what: "certificate of an authority with the name of one that is believed",
    by: (world) => world.send(OWN, { identity: issue("test-org", { by: world.namesake }) }),
    fault: /not issued by one of the authorities/,
  },
  {
    what: "certificate for servers",
    by: (world) => world.send(OWN, { identity: issue("test-org", { use: { server: true } }) }),
    fault: /not for client authentication/,
  },
  {
    what: "certificate of an authority below",
    by: (world) => world.send(OWN, { identity: issue("test-org", { use: { authority: true } }) }),
    fault: /is an authority's, not a caller's/,
  },
  {
    what: "forwarded certificate of a stranger",
    by: (world) =>
      world.send(OWN, {
        identity: undefined,
        headers: { "client-cert": encodeURIComponent(world.identities.get("test-org")!.certificate) },
      }),
    fault: /no client certificate was presented/,
  },
  {
    what: "forwarded certificate beside one's own",
    by: (world) =>
      world.send(OWN, {
        identity: world.identities.get("other-org"),
        headers: { "client-cert": encodeURIComponent(world.identities.get("test-org")!.certificate) },
      }),
    fault: /the certificate is for other-org, not for test-org/,
  },
  {
    what: "organisation that nobody registered",
    by: (world) => world.send(about("unknown-org", METER)),
    fault: /<com:Code>101</,
  },
  {
    what: "another organisation's device",
    by: (world) => world.send(about("other-org", METER)),
    fault: /<com:Code>301<.*other-org is not authorised for GetFirmwareVersion on device TEST1024/,
  },
  {
    what: "another organisation's gateway, through one's own device behind it",
    by: (world) => world.send(about("gas-org", GAS_METER, "GetFirmwareVersionGas")),
    fault: /<com:Code>301<.*gas-org is not authorised for GetFirmwareVersionGas on device TEST1027/,
  },
  {
    what: "keys of a device that one may only read",
    by: (world) => world.send(about("reader-org", METER, "GenerateAndReplaceKeys")),
    fault: /<com:Code>301<.*reader-org is not authorised for GenerateAndReplaceKeys/,
  },
  {
    what: "right that was withdrawn while the request waits",
    by: async (world) => {
      const right = { device: METER, organisation: "other-org", functionGroup: "FIRMWARE" } as const;
      const { organisations } = world.world.service.store;
      for (let laterMs = LATER_MS; ; laterMs *= 2) {
        await organisations.grant(right, []);
        const dueMs = Date.now() + laterMs;
        const later = `<com:ScheduleTime>${dueMs}</com:ScheduleTime>`;
        const uid = await world.accept(about("other-org", METER, "GetFirmwareVersion", later));
        await organisations.revoke(right, []);
        const isInTime = Date.now() < dueMs - BELIEVED_MS;
        const heard = await world.result("other-org", METER, uid);
        if (isInTime) return heard;
      }
    },
    fault: /<com:Code>301<.*other-org is not authorised for GetFirmwareVersion on device TEST1024\d+ any more/,
  },
  {
    what: "organisation that was disabled",
    by: async (world) => {
      const { organisations } = world.world.service.store;
      const gone = { identification: "gone-org", enabled: false };
      await organisations.add(gone, []);
      return world.send(about("gone-org", METER), { identity: issue("gone-org") });
    },
    fault: /<com:Code>104</,
  },
  {
    what: "another organisation's result",
    by: async (world) => world.send(fetching("other-org", METER, await world.accept(OWN))),
    fault: /<com:Code>405<.*Unknown: there is no such request of this organisation/,
  },
  {
    what: "deletion of another organisation's result",
    by: async (world) => {
      const uid = await world.accept(OWN);
      const body = `<sm:DeleteResponseDataRequest><sm:correlationUid>${uid}</sm:correlationUid></sm:DeleteResponseDataRequest>`;
      return world.send(message("other-org", body, { service: "common" }), { service: "common" });
    },
    fault: /<com:Code>405</,
  },
  {
    what: "flood by one organisation",
    status: 503,
    by: async (world) => {
      for (;;) {
        const begun = systemClock.elapsed();
        const all = await Promise.all(Array.from({ length: 30 }, () => world.send(about("flood-org", METER))));
        const refused = all.filter(({ status }) => status === 503);
        const most = 5 * (2 + since(systemClock, begun) / 1000);
        assert.ok(all.length - refused.length <= most, `${refused.length} of 30 were refused`);
        // None is on a machine that has more than a second for every five of them.
        if (!refused[0]) continue;
        assert.equal(refused[0].retryAfter, "1");
        return refused[0];
      }
    },
    fault: /SERVICE_BUSY.*flood-org sends more than 5 messages within a second/,
  },
  {
    what: "guessed UsernameToken",
    by: (world) => {
      const token =
        `<wsse:Security xmlns:wsse="${WSSE}"><wsse:UsernameToken><wsse:Username>clerk</wsse:Username>` +
        `<wsse:Password Type="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest">AAAA</wsse:Password>` +
        `<wsse:Nonce>AAAA</wsse:Nonce><wsu:Created xmlns:wsu="${WSU}">${new Date().toISOString()}</wsu:Created>` +
        `</wsse:UsernameToken></wsse:Security>`;
      return world.send(OWN.replace("</soapenv:Header>", `${token}</soapenv:Header>`), { identity: undefined });
    },
    fault: /The UsernameToken is refused: user name or password is wrong/,
  },
];
