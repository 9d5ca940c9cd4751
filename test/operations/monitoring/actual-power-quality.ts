import assert from "node:assert/strict";
import { cosem } from "../../../src/dlms/data.ts";
import { all, envelope } from "../../e2e/matrix-case.ts";
import type { TestCase } from "../cases.ts";

const whole = (prefix: string, device: string, type: string) =>
  `<${prefix}:ProfileType>${type}</${prefix}:ProfileType><${prefix}:DeviceIdentification>${device}</${prefix}:DeviceIdentification>`;

export const testCase: TestCase = {
  wire: {
    operation: "ActualPowerQuality",
    service: "o",
    whole: whole("$", "TEST1024000000001", "PUBLIC"),
    request: { profileType: "PUBLIC" },
    result: {
      time: { epochMs: Date.UTC(2026, 0, 9, 13, 30, 5), deviationMinutes: -60 },
      values: [
        { name: "NUMBER_OF_VOLTAGE_SAGS_L1", unit: "undefined", isCount: true, value: "4" },
        { name: "INSTANTANEOUS_VOLTAGE_L1", unit: "V", isCount: false, value: "230.0" },
        { name: "AVERAGE_VOLTAGE_L1", unit: "V", isCount: false, value: null },
        { name: "INSTANTANEOUS_CURRENT_L1", unit: "A", isCount: false, value: "2" },
      ],
    },
    response:
      "<ActualPowerQualityData><PowerQualityObjects><PowerQualityObject><Name>CLOCK</Name><unit>UNDEFINED</unit></PowerQualityObject>" +
      "<PowerQualityObject><Name>NUMBER_OF_VOLTAGE_SAGS_L1</Name><unit>UNDEFINED</unit></PowerQualityObject>" +
      "<PowerQualityObject><Name>INSTANTANEOUS_VOLTAGE_L1</Name><unit>V</unit></PowerQualityObject>" +
      "<PowerQualityObject><Name>AVERAGE_VOLTAGE_L1</Name><unit>V</unit></PowerQualityObject>" +
      "<PowerQualityObject><Name>INSTANTANEOUS_CURRENT_L1</Name><unit>AMP</unit></PowerQualityObject></PowerQualityObjects>" +
      "<PowerQualityValues><PowerQualityValue><DateValue>2026-01-09T14:30:05.000+01:00</DateValue></PowerQualityValue>" +
      "<PowerQualityValue><LongValue>4</LongValue></PowerQualityValue><PowerQualityValue><FloatValue>230.0</FloatValue></PowerQualityValue>" +
      "<PowerQualityValue><StringValue></StringValue></PowerQualityValue><PowerQualityValue><FloatValue>2</FloatValue></PowerQualityValue>" +
      "</PowerQualityValues></ActualPowerQualityData>",
  },
  dlms: {
    expected: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
    matrix: {
      document: ({ device }) =>
        envelope(`<o:ActualPowerQualityRequest>${whole("o", device, "PUBLIC")}</o:ActualPowerQualityRequest>`),
      arrange: (cell) => {
        cell.write("3/1.0.52.7.0.255/2", cosem.longUnsigned(2345));
        cell.write("1/1.0.72.32.0.255/2", cosem.longUnsigned(65_535));
      },
      check: (answer, { isSmr5, meter }) => {
        const names = all(answer, "Name");
        assert.equal(names.length, 15);
        const shown = answer.leaves.filter(({ name }) => /^(Date|Long|Float|String)Value$/.test(name));
        const valueNamed = (name: string) => shown[names.indexOf(name)];
        assert.ok(Date.parse(valueNamed("CLOCK")!.text) <= meter.meter.nowMs());
        const voltage = { name: "FloatValue", text: isSmr5 ? "234.5" : "2345" };
        assert.deepEqual(valueNamed("INSTANTANEOUS_VOLTAGE_L2"), voltage, answer.xml);
        assert.deepEqual(valueNamed("NUMBER_OF_VOLTAGE_SAGS_L3"), { name: "LongValue", text: "65535" });
        assert.equal(all(answer, "unit")[names.indexOf("INSTANTANEOUS_VOLTAGE_L2")], "V");
      },
    },
  },
};
