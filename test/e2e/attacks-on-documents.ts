import { gzipSync } from "node:zlib";
import { type Attack, METER, OWN } from "./attack-world.ts";

/** By messages that no service should read to their end. */
export const ON_DOCUMENTS: readonly Attack[] = [
  {
    what: "external entity",
    by: (world) => world.send(`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${OWN.replace(METER, "&e;")}`),
    fault: /document type declaration/,
  },
  {
    what: "entities that grow",
    by: (world) =>
      world.send(
        `<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>${OWN.replace(METER, "&b;&b;")}`,
      ),
    fault: /document type declaration/,
  },
  {
    what: "processing instruction",
    by: (world) => world.send(OWN.replace(METER, `<?x y?>${METER}`)),
    fault: /processing instruction/,
  },
  {
    what: "message beyond the limit",
    by: (world) => world.send(OWN.replace(METER, "x".repeat(1_100_000))),
    fault: /larger than 1048576 bytes/,
  },
  {
    what: "message that grows when it is unpacked",
    by: (world) =>
      world.send(gzipSync(Buffer.alloc(30_000_000)), {
        headers: { "content-encoding": "gzip" },
        identity: world.identities.get("test-org"),
      }),
    fault: /larger than 1048576 bytes/,
  },
  {
    what: "elements a hundred deep",
    by: (world) => world.send(OWN.replace(METER, "<a>".repeat(200) + "</a>".repeat(200))),
    fault: /more than 100 levels deep/,
  },
  {
    what: "header twice, with two organisations",
    by: (world) =>
      world.send(
        OWN.replace(
          "<com:UserName>",
          "<com:OrganisationIdentification>other-org</com:OrganisationIdentification><com:UserName>",
        ),
      ),
    fault: /OrganisationIdentification: stands there more than once/,
  },
];
