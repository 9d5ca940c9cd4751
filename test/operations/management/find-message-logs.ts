import assert from "node:assert/strict";
import { systemClock } from "../../../src/lib/clock.ts";
import { MessageLog } from "../../../src/message-log/message-log.ts";
import { all, type Cell, management } from "../../e2e/matrix-case.ts";
import type { TestCase } from "../cases.ts";

/** GET of 8/0.0.1.0.0.255/2, and what is no APDU. */
const GET_CLOCK = Buffer.from("C001C100080000010000FF0200", "hex");
const NO_APDU = Buffer.from("C401", "hex");

async function keepMessages({ world, device }: Cell): Promise<void> {
  const log = new MessageLog(world.service.store.messageLog, systemClock);
  const message = {
    service: "dlms",
    operation: "SynchronizeTime",
    caller: { organisation: "test-org", userName: "user", applicationName: "ERP" },
    device,
    correlationUid: "uid-of-the-request",
  };
  await log.append(
    { ...message, direction: "to-device", body: GET_CLOCK },
    { ...message, direction: "from-device", body: NO_APDU },
    { ...message, direction: "in", body: Buffer.from("<what a caller sent/>") },
  );
}

export const testCase: TestCase = {
  wire: {
    operation: "FindMessageLogs",
    service: "m",
    content: "<$:Page>2</$:Page>",
    request: { page: 2 },
    result: {
      pages: 3,
      messages: [
        {
          ...{ timeMs: Date.UTC(2026, 0, 9), organisation: "", device: "TEST1024000000001" },
          ...{ decoded: "step, uid: a\u0001 <b>", encoded: "C0FF", incoming: true, valid: false },
        },
      ],
    },
    response:
      "<MessageLogPage><TotalPages>3</TotalPages><MessageLogs><Timestamp>2026-01-09T00:00:00.000Z</Timestamp>" +
      "<OrganisationIdentification>-</OrganisationIdentification><DeviceIdentification>TEST1024000000001</DeviceIdentification>" +
      "<DecodedMessage>step, uid: a\uFFFD &lt;b&gt;</DecodedMessage><EncodedMessage>C0FF</EncodedMessage>" +
      "<Incoming>true</Incoming><Valid>false</Valid></MessageLogs></MessageLogPage>",
  },
  dlms: {
    expected: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
    matrix: {
      document: ({ device }) => management("FindMessageLogs", device, "<m:Page>0</m:Page>"),
      arrange: keepMessages,
      check: (answer, { device }) => {
        assert.deepEqual(all(answer, "EncodedMessage").slice(0, 2), ["C401", "C001C100080000010000FF0200"]);
        assert.deepEqual(all(answer, "Incoming").slice(0, 2), ["true", "false"]);
        assert.deepEqual(all(answer, "Valid").slice(0, 2), ["false", "true"]);
        assert.equal(all(answer, "DeviceIdentification")[0], device);
        const [faulty = "", sent] = all(answer, "DecodedMessage");
        assert.match(faulty, /^SynchronizeTime, uid-of-the-request: faulty, remote\/truncated/);
        assert.equal(sent, "SynchronizeTime, uid-of-the-request: get-request-normal 1 high priority 8/0.0.1.0.0.255/2");
      },
    },
  },
};
