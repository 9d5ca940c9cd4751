import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "ActivateService",
    service: "egauge-commands",
    content: "<$:ServiceType>PUSH</$:ServiceType><$:Provider>Cloud</$:Provider>",
    request: { service: "push", provider: "Cloud" },
    result: { activated: true, signupUrl: "https://cloud.example/?a&b" },
    response: "<Result>OK</Result><Activated>true</Activated><SignupUrl>https://cloud.example/?a&amp;b</SignupUrl>",
  },
  egauge: {
    content: "<$:ServiceType>PUSH</$:ServiceType><$:Provider>Other Cloud</$:Provider>",
    check(answer, { state }) {
      assert.equal(answer("Activated"), "true");
      assert.equal(answer("SignupUrl"), `https://provider.example/${state.identification}`);
      assert.equal(state.activated.get("push"), "Other Cloud");
    },
  },
};
