import { testRemote } from "../../../operations/egauge/test-remote.ts";
import { printable } from "../values.ts";
import { wireForm } from "../wire-form.ts";

export const testRemoteForm = wireForm(testRemote, "egauge-commands:TestRemote", {
  request: ({ Address, LinkType }) => ({ address: Address, linkType: LinkType }),
  response: ({ trace, registers }) => ({
    Result: "OK",
    Trace: trace.map(({ elapsedSeconds, message }) => ({
      ElapsedSeconds: elapsedSeconds,
      Message: printable(message),
    })),
    Register: registers.map(({ name, type }) => ({ Name: printable(name), Type: printable(type) })),
  }),
});
