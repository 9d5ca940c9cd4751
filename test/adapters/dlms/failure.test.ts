import assert from "node:assert/strict";
import { fromDlmsError, toMetergateError } from "../../../src/adapters/dlms/failure.ts";
import { DLMS_ERROR_CODES, DlmsError, type DlmsErrorCode } from "../../../src/dlms/errors.ts";

const codeOf = (
  code: DlmsErrorCode,
  context: Record<string, unknown> = {},
  stage: "associating" | "associated" = "associated",
) => fromDlmsError(new DlmsError(code, "text", context), stage).code;

const rejected = (diagnostic: number, result = 1, diagnosticSource = "acse-service-user") =>
  codeOf("remote/association-rejected", { result, diagnosticSource, diagnostic }, "associating");

describe("a failure of the DLMS library", () => {
  it("tells from the diagnostic why an association was refused", () => {
    assert.equal(rejected(13), "AUTHENTICATION_ERROR");
    assert.equal(rejected(11), "AUTHENTICATION_ERROR");
    assert.equal(rejected(14), "AUTHENTICATION_REQUIRED");
    assert.equal(rejected(1), "CONNECTION_ESTABLISH_ERROR");
    assert.equal(rejected(13, 1, "acse-service-provider"), "CONNECTION_ESTABLISH_ERROR");
    assert.equal(rejected(13, 3), "UNKNOWN_ASSOCIATION_RESULT");
  });

  it("is a refused request or a refused association, depending on when the exception came", () => {
    assert.equal(codeOf("remote/exception-response", {}, "associated"), "DEVICE_REFUSED");
    assert.equal(codeOf("remote/exception-response", {}, "associating"), "CONNECTION_ESTABLISH_ERROR");
  });

  it("tells ciphering, wrapper and other faults apart", () => {
    assert.equal(codeOf("security/tag"), "UNABLE_TO_DECYPHER");
    assert.equal(codeOf("security/counter"), "UNABLE_TO_DECYPHER");
    assert.equal(codeOf("security/unciphered"), "UNABLE_TO_DECYPHER");
    assert.equal(codeOf("security/authentication"), "AUTHENTICATION_ERROR");
    assert.equal(codeOf("remote/malformed", { version: 7 }), "WRAPPER_HEADER_INVALID");
    assert.equal(codeOf("remote/malformed"), "ILLEGAL_RESPONSE");
    assert.equal(codeOf("remote/closed"), "SOCKET_CLOSED_BY_REMOTE");
  });

  it("is a used-up counter when the last values did not do, and our own defect when the library was used wrongly", () => {
    assert.equal(codeOf("local/counter-exhausted"), "INVOCATION_COUNTER_EXHAUSTED");
    assert.equal(codeOf("local/illegal-state"), "INTERNAL");
  });

  it("never stays without a code, and keeps the library's own in the context", () => {
    for (const code of Object.keys(DLMS_ERROR_CODES) as DlmsErrorCode[]) {
      const error = fromDlmsError(new DlmsError(code, "text", { offset: 3 }), "associated");
      assert.equal(error.message, "text");
      assert.deepEqual(error.context, { dlmsCode: code, offset: 3 });
    }
  });

  it("leaves what is no failure of the library as it is", () => {
    const defect = new TypeError("x");
    assert.equal(toMetergateError(defect, "associated"), defect);
  });
});
