import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

const SEALED = "AB".repeat(256);

export const testCase: TestCase = {
  wire: {
    operation: "TestEmail",
    service: "egauge-commands",
    content:
      "<$:Address>a@b.example</$:Address><$:MailServer>mail.example</$:MailServer><$:MailUser>u</$:MailUser>" +
      `<$:Password>${SEALED}</$:Password><$:FromAddress>c@d.example</$:FromAddress>`,
    request: {
      ...{ address: "a@b.example", server: "mail.example", user: "u", password: SEALED, fromAddress: "c@d.example" },
    },
    result: { log: "sent\n\u0000" },
    response: "<Result>OK</Result><Log>sent\n\uFFFD</Log>",
  },
  egauge: {
    content: (seal) =>
      "<$:Address>a@b.example</$:Address><$:MailServer>mail.example</$:MailServer><$:MailUser>u</$:MailUser>" +
      `<$:Password>${seal("p")}</$:Password>`,
    check(answer, { executed }) {
      assert.match(answer("Log")!, /^connecting to mail\.example\n.*a@b\.example\ndelivered$/);
      assert.deepEqual(executed, ["test-email"]);
    },
  },
};
