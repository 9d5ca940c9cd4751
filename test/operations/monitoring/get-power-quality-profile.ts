import assert from "node:assert/strict";
import { cosem } from "../../../src/dlms/data.ts";
import { fromHex } from "../../../src/lib/bytes.ts";
import { parseObis } from "../../../src/lib/obis.ts";
import { all, envelope, groupsOf } from "../../e2e/matrix-case.ts";
import type { TestCase } from "../cases.ts";

const VOLTAGES = ["1.0.32.24.0.255", "1.0.52.24.0.255", "1.0.72.24.0.255"] as const;
const range = (prefix: string, begin: string, end: string) =>
  `<${prefix}:ProfileType>PUBLIC</${prefix}:ProfileType><${prefix}:BeginDate>${begin}</${prefix}:BeginDate>` +
  `<${prefix}:EndDate>${end}</${prefix}:EndDate>`;
const selected = (prefix: string, logicalName: string) =>
  `<${prefix}:SelectedValues><c:CaptureObject><c:ClassId>3</c:ClassId><c:LogicalName>${groupsOf(logicalName)}</c:LogicalName>` +
  `<c:AttributeIndex>2</c:AttributeIndex></c:CaptureObject></${prefix}:SelectedValues>`;
const named = (prefix: string, device: string) =>
  `<${prefix}:DeviceIdentification>${device}</${prefix}:DeviceIdentification>`;
const plainGroups = (logicalName: string) =>
  logicalName
    .split(".")
    .map((group, i) => `<${"abcdef"[i]}>${group}</${"abcdef"[i]}>`)
    .join("");
const captureObject = (classId: number, dataIndex: number, attribute: number, name: string, unit: string) =>
  `<CaptureObject><ClassId>${classId}</ClassId><DataIndex>${dataIndex}</DataIndex><AttributeIndex>${attribute}</AttributeIndex>` +
  `<LogicalName>${name}</LogicalName><unit>${unit}</unit></CaptureObject>`;
const value = (content: string) => `<ProfileEntryValue>${content}</ProfileEntryValue>`;

export const testCase: TestCase = {
  wire: {
    operation: "GetPowerQualityProfile",
    service: "o",
    whole:
      range("$", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z") +
      selected("$", VOLTAGES[0]) +
      named("$", "TEST1024000000001"),
    request: {
      profileType: "PUBLIC",
      beginMs: Date.UTC(2026, 2, 28, 23),
      endMs: Date.UTC(2026, 2, 29, 22),
      selected: [{ classId: 3, logicalName: VOLTAGES[0], attribute: 2, dataIndex: 0 }],
    },
    result: {
      profileType: "PUBLIC",
      profiles: [
        {
          profile: "1.0.99.1.2.255",
          columns: [
            { classId: 3, logicalName: VOLTAGES[0], attribute: 2, dataIndex: 0, unit: "V", isCount: false },
            {
              classId: 47,
              logicalName: "0.1.25.6.0.255",
              attribute: 6,
              dataIndex: 3,
              unit: "undefined",
              isCount: true,
            },
          ],
          entries: [
            { time: { epochMs: Date.UTC(2026, 2, 28, 23), deviationMinutes: -60 }, values: ["230.1", "13"] },
            { time: { epochMs: Date.UTC(2026, 2, 28, 23, 10), deviationMinutes: -60 }, values: [null, "14"] },
          ],
        },
      ],
    },
    response:
      `<PowerQualityProfileDatas><LogicalName>${plainGroups("1.0.99.1.2.255")}</LogicalName><CaptureObjects>` +
      captureObject(8, 0, 2, "0.0.1.0.0.255", "UNDEFINED") +
      captureObject(3, 0, 2, VOLTAGES[0], "V") +
      captureObject(47, 3, 6, "0.1.25.6.0.255", "UNDEFINED") +
      "</CaptureObjects><ProfileEntries><ProfileEntry>" +
      value("<DateValue>2026-03-29T00:00:00.000+01:00</DateValue>") +
      value("<FloatValue>230.1</FloatValue>") +
      value("<LongValue>13</LongValue>") +
      "</ProfileEntry><ProfileEntry>" +
      value("<DateValue>2026-03-29T00:10:00.000+01:00</DateValue>") +
      value("<StringValue></StringValue>") +
      value("<LongValue>14</LongValue>") +
      "</ProfileEntry></ProfileEntries><ProfileType>PUBLIC</ProfileType></PowerQualityProfileDatas>",
  },
  dlms: {
    expected: [416, "yes", "yes", "yes", "yes", "yes", "yes"],
    reason: "No PQ profile found in profile DSMR version 2.2",
    matrix: {
      document: ({ device }) =>
        envelope(
          `<o:GetPowerQualityProfileRequest>${range("o", "2021-10-31T00:00:00Z", "2021-10-31T01:00:00Z")}${named("o", device)}` +
            "</o:GetPowerQualityProfileRequest>",
        ),
      // The definable load profile captures the voltages; in SMR 5 a second profile does as well, and has none of that day.
      arrange: (cell) => {
        const columns = ["8/0.0.1.0.0.255", ...VOLTAGES.map((name) => `3/${name}`)].map((column) => {
          const [classId, logicalName] = column.split("/");
          return cosem.structure([
            cosem.longUnsigned(Number(classId)),
            cosem.logicalName(parseObis(logicalName!)),
            cosem.integer(2),
            cosem.longUnsigned(0),
          ]);
        });
        cell.write("7/0.1.94.31.6.255/3", cosem.array(columns));
        const entry = (time: string, ...volts: number[]) =>
          cosem.structure([cosem.octetString(fromHex(time)), ...volts.map((one) => cosem.longUnsigned(one))]);
        cell.write(
          "7/0.1.94.31.6.255/2",
          cosem.array([
            entry("07E50A1FFF02000000FF8880", 2301, 2302, 2303),
            entry("07E50A1FFF02000000FFC400", 2311, 2312, 65_535),
            entry("07E50A1FFF03000000FFC400", 1, 1, 1),
          ]),
        );
      },
      check: (answer, { isSmr5 }) => {
        const digits = (volts: number) => (isSmr5 ? (volts / 10).toFixed(1) : String(volts));
        assert.deepEqual(all(answer, "DateValue"), ["2021-10-31T02:00:00.000+02:00", "2021-10-31T02:00:00.000+01:00"]);
        assert.deepEqual(all(answer, "FloatValue"), [2301, 2302, 2303, 2311, 2312, 65_535].map(digits));
        const columns = ["UNDEFINED", "V", "V", "V"];
        assert.deepEqual(all(answer, "unit"), isSmr5 ? [...columns, ...columns] : columns);
      },
    },
  },
};
