import assert from "node:assert/strict";
import { management, recordOf, requireOk, setRecord } from "../../e2e/matrix-case.ts";
import type { TestCase } from "../cases.ts";

const protocol = (name: string, version: string, variant = "") =>
  `<m:UpdateProtocolData><m:Protocol>${name}</m:Protocol><m:ProtocolVersion>${version}</m:ProtocolVersion>${variant}` +
  "</m:UpdateProtocolData>";

export const testCase: TestCase = {
  wire: {
    operation: "UpdateProtocol",
    service: "m",
    content: protocol("SMR", "5.1", "<m:ProtocolVariant>CDMA</m:ProtocolVariant>").replaceAll("m:", "$:"),
    request: { name: "SMR", version: "5.1", variant: "CDMA" },
    result: {},
    response: "<Result>OK</Result>",
  },
  dlms: {
    expected: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
    matrix: {
      // What was said of the meter before was wrong; what is said now is what it speaks.
      document: ({ device, version }) => {
        const [name = "", number = ""] = version.split(" ");
        return management("UpdateProtocol", device, protocol(name, number));
      },
      arrange: (cell) =>
        setRecord(cell, { protocol: { name: "SMR", version: cell.version === "SMR 4.3" ? "5.5" : "4.3" } }),
      check: async (answer, cell) => {
        requireOk(answer);
        const { name, version } = (await recordOf(cell)).protocol;
        assert.equal(`${name} ${version}`, cell.version);
      },
    },
  },
};
