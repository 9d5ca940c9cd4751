import assert from "node:assert/strict";
import { XmlDocument } from "libxml2-wasm";
import { decodeElement, encodeElement } from "../../../src/contract/codec.ts";
import { COMPLEX_TYPES } from "../../../src/contract/generated/tables.ts";
import { WIRE_FORMS } from "../../../src/contract/operations/index.ts";
import type { BundleForm } from "../../../src/contract/operations/wire-form.ts";
import { validate } from "../../../src/contract/schema.ts";
import type { Action } from "../../../src/domain/request.ts";
import { OPERATION_CASES } from "../../soap/operation-cases.ts";
import { contentOf, DECLARATIONS, GAS, METER } from "./bundle-contents.ts";

/** Actions that name the device that they are about. */
const NAMED: ReadonlySet<string> = new Set([
  "GetActualMeterReadsGas",
  "GetFirmwareVersionGas",
  "GetMbusEncryptionKeyStatus",
  "GetPeriodicMeterReadsGas",
  "SetKeyOnGMeter",
]);

/** Content of a response's element where it is not that of the single response. */
const ANSWERS: Readonly<Record<string, string>> = {
  SetSpecialDays: "Set special days was successful",
  SetConfigurationObject: "Set configuration object was successful",
  SetPushSetupAlarm: "Setting push setup alarm was successful",
  SetPushSetupSms: "Setting push setup SMS was successful",
  SetPushSetupLastGasp: "Setting push setup LastGasp was successful",
  SetPushSetupUdp: "Setting push setup UDP was successful",
  SetAlarmNotifications: "Set alarm notifications was successful",
  SetKeyOnGMeter: "M-Bus key exchange on Gas meter was successful",
  SetMbusUserKeyByChannel: "Setting M-Bus User key by channel was successful",
  SetActivityCalendar: `Set Activity Calendar Result is OK for device id: ${METER} calendar name: SUMMER`,
  SetAdministrativeStatus: "Set administrative status was successful",
  ReplaceKeys: `Replace keys for device ${METER} was successful`,
  GenerateAndReplaceKeys: `Replace keys for device ${METER} was successful`,
  SetClockConfiguration: "Set clock configuration was successful",
  ConfigureDefinableLoadProfile: "Configure definable load profile was successful",
  SetRandomisationSettings: "Set Randomisation Settings was successful.",
  SetThdConfiguration: "THD Configuration was successful",
  SynchronizeTime: "Synchronizing time was successful",
  ClearAlarmRegister: "Clear alarm register was successful",
  ClearMBusStatusOnAllChannels: "Clear M-Bus status on all channels was successful",
};

/** The action that an ERP's bundle asks for. */
function actionIn(form: BundleForm, content: string): Action {
  const document = XmlDocument.fromString(
    `<b:BundleRequest ${DECLARATIONS}><b:DeviceIdentification>${METER}</b:DeviceIdentification>` +
      `<b:Actions><b:${form.request}>${content}</b:${form.request}></b:Actions></b:BundleRequest>`,
  );
  try {
    assert.deepEqual(validate(document), []);
    const { Actions } = decodeElement(document.root, "sm-bundle:BundleRequest");
    assert.equal(Actions.items[0]?.name, form.request);
    return form.toAction(Actions.items[0]?.value as never);
  } finally {
    document.dispose();
  }
}

/** Name and content of the one response in a bundle's answer, without prefixes. */
function responseOf(form: BundleForm, value: object): { name: string; content: string } {
  const items = [{ name: form.response, value }] as never;
  const text = encodeElement("sm-bundle:BundleResponse", { AllResponses: { items } });
  const document = XmlDocument.fromString(text);
  try {
    assert.deepEqual(validate(document), []);
  } finally {
    document.dispose();
  }
  const plain = text.replace(/<(\/?)[\w-]+:(\w+)[^>]*?(\/?)>/g, "<$1$2$3>");
  const [, name = "", content = ""] = /<AllResponses><(\w+)>(.*)<\/\1><\/AllResponses>/s.exec(plain) ?? [];
  return { name, content };
}

describe("an operation as an action of a bundle", () => {
  const withForm = OPERATION_CASES.filter(({ operation }) => WIRE_FORMS.get(operation)?.bundle);

  it("is there for each that the contract's bundle has an element for", () => {
    const elements = (COMPLEX_TYPES["sm-bundle:Actions"]?.particles ?? []).flatMap((particle) =>
      "choice" in particle ? particle.choice.map(({ name }) => name) : [],
    );
    assert.ok(elements.length > 40);
    const forms = [...WIRE_FORMS.values()];
    const bundled = forms.flatMap(({ bundle }) => bundle?.request ?? []);
    assert.deepEqual(new Set(bundled).size, bundled.length);
    const missing = forms.filter(({ operation, bundle }) => !bundle && elements.includes(`${operation.name}Request`));
    assert.deepEqual(missing, []);
  });

  for (const one of withForm) {
    const { operation, request, result, response } = one;
    const form = WIRE_FORMS.get(operation)!.bundle!;
    const named = NAMED.has(operation);
    const device = named ? GAS : METER;

    it(`${operation}: asks for the same as alone${named ? ", of the device that it names" : ""}`, () => {
      const expected = { operation, request, ...(named && { device: GAS }) };
      assert.deepEqual(actionIn(form, contentOf(one)), expected);
    });

    it(`${operation}: shows the result`, () => {
      const { name, content } = responseOf(form, form.toResponse(result, actionIn(form, contentOf(one)), device));
      const text = ANSWERS[operation];
      if (text !== undefined) {
        assert.deepEqual(
          [name, content],
          ["ActionResponse", `<Result>OK</Result><resultString>${text}</resultString>`],
        );
        return;
      }
      const renamed = response
        .replaceAll("FirmwareVersion><Version", "FirmwareVersions><Version")
        .replaceAll("</FirmwareModuleType></FirmwareVersion>", "</FirmwareModuleType></FirmwareVersions>");
      const expected: Readonly<Record<string, string>> = {
        GetAdministrativeStatus: "<Result>OK</Result><AdministrativeStatusType>ON</AdministrativeStatusType>",
        GetFirmwareVersion: renamed,
        GetAllAttributeValues: response.replaceAll("Output>", "AttributeValuesData>"),
        GetMbusEncryptionKeyStatus: response.replace(
          "</Result>",
          `</Result><MbusDeviceIdentification>${GAS}</MbusDeviceIdentification>`,
        ),
        SetDeviceLifecycleStatusByChannel: response.replace(/<\/?SetDeviceLifecycleStatusByChannelResponseData>/g, ""),
        GetGsmDiagnostic: response.replace(/<\/?GetGsmDiagnosticResponseData>/g, ""),
        GetMbusEncryptionKeyStatusByChannel: `${response.replace(
          "</Result>",
          `</Result><GatewayDeviceIdentification>${METER}</GatewayDeviceIdentification>`,
        )}<Channel>4</Channel>`,
      };
      // Every response of a bundle says how it ended, also where the single one does not.
      const inBundle = response.startsWith("<Result>") ? response : `<Result>OK</Result>${response}`;
      assert.equal(content, expected[operation] ?? inBundle);
    });
  }
});
