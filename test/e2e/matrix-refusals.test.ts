import assert from "node:assert/strict";
import { leaf } from "../../src/cli/erp-client.ts";
import type { DataAccessResult } from "../../src/dlms/apdu.ts";
import type { KnownOperation } from "../../src/operations/registry.ts";
import type { Behaviour } from "../../src/simulators/dlms/behaviour.ts";
import { broughtWith } from "../operations/cases.ts";
import { run, type World } from "./harness.ts";
import { Cell, configuration, groupsOf, type MatrixCase } from "./matrix-case.ts";
import { VERSIONS, type Version } from "./matrix-expectations.ts";
import { READS } from "./matrix-reads.ts";
import { SETTINGS } from "./matrix-settings.ts";
import { startMatrixWorld } from "./matrix-world.ts";

type Refusal = Exclude<DataAccessResult, "success">;

/** Does not let these attributes be written; each is class, logical name and attribute. */
/** Cases of operations that have a file of their own. */
const BROUGHT: Readonly<Record<string, MatrixCase>> = broughtWith(({ dlms }) => dlms?.matrix);

const refusesWriting = (...attributes: readonly (readonly [attribute: string, result: Refusal])[]): Behaviour => ({
  name: "refuses-writing",
  set: ({ classId, logicalName, attribute }) => new Map(attributes).get(`${classId}/${logicalName}/${attribute}`),
});

const refusesReading = (attribute: string, result: Refusal): Behaviour => ({
  name: "refuses-reading",
  get: (reference) =>
    attribute === `${reference.classId}/${reference.logicalName}/${reference.attribute}`
      ? { error: result }
      : undefined,
});

describe("what a caller is told when the meter says no", () => {
  let world: World;
  before(async () => {
    // What a meter refuses is asked again, and refused again.
    world = await startMatrixWorld({ METERGATE_RETRY_DELAY_MS: "1" });
  });
  after(() => world.stop());

  const on = (version: Version) => new Cell(world, VERSIONS.find((place) => place.version === version)!);

  /** Sends the request of a case to a meter that behaves so. */
  async function answerOf(operation: Pick<MatrixCase, "document" | "arrange">, cell: Cell, behaviour?: Behaviour) {
    await operation.arrange?.(cell);
    if (behaviour) cell.meter.behaviours.add(behaviour);
    try {
      return await run(world.client, operation.document(cell));
    } finally {
      cell.meter.behaviours.clear();
    }
  }

  const WRITES: readonly (readonly [
    KnownOperation & keyof typeof SETTINGS,
    Version,
    attribute: string,
    Refusal,
    description: string,
  ])[] = [
    [
      "SetSpecialDays",
      "DSMR 4.2.2",
      "11/0.0.11.0.0.255/2",
      "read-write-denied",
      "Set special days reported result is: READ_WRITE_DENIED",
    ],
    [
      "SetConfigurationObject",
      "SMR 4.3",
      "1/0.1.94.31.3.255/2",
      "temporary-failure",
      "Set configuration object reported result is: TEMPORARY_FAILURE",
    ],
    [
      "SetPushSetupAlarm",
      "SMR 5.0.0",
      "40/0.1.25.9.0.255/3",
      "hardware-fault",
      "AccessResultCode for set push setup alarm was not SUCCESS: HARDWARE_FAULT",
    ],
    [
      "SetPushSetupAlarm",
      "SMR 5.0.0",
      "40/0.1.25.9.0.255/2",
      "type-unmatched",
      "AccessResultCode for set push setup alarm was not SUCCESS: TYPE_UNMATCHED",
    ],
    [
      "SetPushSetupSms",
      "DSMR 4.2.2",
      "40/0.2.25.9.0.255/3",
      "other-reason",
      "AccessResultCode for set push setup sms was not SUCCESS: OTHER_REASON",
    ],
    [
      "SetPushSetupLastGasp",
      "SMR 5.5",
      "40/0.3.25.9.0.255/3",
      "object-undefined",
      "AccessResultCode for set push setup last gasp was not SUCCESS: OBJECT_UNDEFINED",
    ],
    [
      "SetPushSetupUdp",
      "SMR 5.5",
      "40/0.3.25.9.0.255/4",
      "object-unavailable",
      "AccessResultCode for set push setup udp was not SUCCESS: OBJECT_UNAVAILABLE",
    ],
    [
      "SetAlarmNotifications",
      "SMR 5.5",
      "1/0.0.97.98.11.255/2",
      "scope-of-access-violated",
      "AccessResultCode for set alarm notifications was not SUCCESS: SCOPE_OF_ACCESS_VIOLATED",
    ],
    [
      "SetAdministrativeStatus",
      "SMR 5.1",
      "1/0.1.94.31.0.255/2",
      "read-write-denied",
      "AccessResultCode for set administrative status was not SUCCESS: READ_WRITE_DENIED",
    ],
    [
      "SetClockConfiguration",
      "SMR 5.2",
      "8/0.0.1.0.0.255/6",
      "other-reason",
      "Clock configuration was not set successfully for device TEST1052000000001. ResultCode: OTHER_REASON",
    ],
    [
      "ConfigureDefinableLoadProfile",
      "SMR 5.1",
      "7/0.1.94.31.6.255/3",
      "other-reason",
      "Attribute 'capture objects' of the definable load profile was not set successfully. ResultCode: OTHER_REASON",
    ],
    [
      "ConfigureDefinableLoadProfile",
      "DSMR 4.2.2",
      "7/0.1.94.31.6.255/4",
      "temporary-failure",
      "Attribute 'capture period' of the definable load profile was not set successfully. ResultCode: TEMPORARY_FAILURE",
    ],
    [
      "SetRandomisationSettings",
      "SMR 4.3",
      "1/0.1.94.31.12.255/2",
      "read-write-denied",
      "Attribute 'Randomisation Settings' of the Randomisation Settings was not set successfully. ResultCode: READ_WRITE_DENIED",
    ],
    [
      "SetRandomisationSettings",
      "SMR 5.5",
      "1/0.1.94.31.3.255/2",
      "read-write-denied",
      "Set configuration object reported result is: READ_WRITE_DENIED",
    ],
    [
      "SetThdConfiguration",
      "SMR 5.2",
      "3/0.1.94.31.22.255/2",
      "other-reason",
      "THD configuration resulted in: [SUCCESS, SUCCESS, OTHER_REASON, SUCCESS, SUCCESS]",
    ],
    [
      "SynchronizeTime",
      "DSMR 2.2",
      "8/0.0.1.0.0.255/2",
      "other-reason",
      "AccessResultCode for synchronizeTime: OTHER_REASON",
    ],
    [
      "TestAlarmScheduler",
      "SMR 5.1",
      "22/0.0.15.1.4.255/4",
      "read-write-denied",
      "AccessResultCode for scheduleTestAlarm: READ_WRITE_DENIED",
    ],
  ];

  for (const [name, version, attribute, refusal, description] of WRITES) {
    it(`${name}: ${description}`, async () => {
      const cell = on(version);
      const answer = await answerOf(SETTINGS[name], cell, refusesWriting([attribute, refusal]));
      assert.deepEqual([leaf(answer, "Result"), leaf(answer, "Description")], ["NOT OK", description], answer.xml);
    });
  }

  it("SetActivityCalendar: every part that was refused; and nothing becomes active", async () => {
    const cell = on("SMR 5.0.0");
    const behaviour = refusesWriting(
      ["20/0.0.13.0.0.255/7", "other-reason"],
      ["20/0.0.13.0.0.255/9", "read-write-denied"],
    );
    const answer = await answerOf(SETTINGS.SetActivityCalendar, cell, behaviour);
    assert.equal(leaf(answer, "Result"), "NOT OK");
    assert.equal(
      leaf(answer, "Description"),
      "SetActivityCalendar: not successful for SEASONS (attribute 7): OTHER_REASON, DAYS (attribute 9): READ_WRITE_DENIED",
    );
    // The other parts were written all the same, to the calendar that waits.
    assert.equal(cell.read("20/0.0.13.0.0.255/6"), Buffer.from("SUMMER").toString("hex").toUpperCase());
    assert.equal(cell.read("20/0.0.13.0.0.255/2"), Buffer.from("BEFORE").toString("hex").toUpperCase());
  });

  it("SetPushSetupAlarm: a refused destination, and the list of objects is left alone", async () => {
    const cell = on("SMR 5.1");
    await answerOf(SETTINGS.SetPushSetupAlarm, cell, refusesWriting(["40/0.1.25.9.0.255/3", "other-reason"]));
    assert.deepEqual(cell.read("40/0.1.25.9.0.255/2"), []);
  });

  const pushSetup = (content: string) => ({
    document: ({ device }: Cell) =>
      configuration(
        "SetPushSetupAlarm",
        device,
        `<s:SetPushSetupAlarmRequestData><s:PushSetupAlarm>${content}</s:PushSetupAlarm></s:SetPushSetupAlarmRequestData>`,
      ),
  });
  const pushObject = (logicalName: string, dataIndex: number) =>
    `<s:PushObjectList><s:ClassId>1</s:ClassId><s:LogicalName>${groupsOf(logicalName)}</s:LogicalName>` +
    `<s:AttributeIndex>2</s:AttributeIndex><s:DataIndex>${dataIndex}</s:DataIndex></s:PushObjectList>`;

  for (const [what, content, description] of [
    [
      "a part of an attribute",
      pushObject("0.0.97.98.0.255", 3),
      "PushObject contains non-zero data index: 3. Using data index is not implemented.",
    ],
    [
      "an object that the meter does not have",
      pushObject("0.0.96.99.99.255", 0),
      "Verification of push object failed. Object 0.0.96.99.99.255 could not be retrieved using a get request.",
    ],
  ] as const) {
    it(`SetPushSetupAlarm with ${what}: ${description}`, async () => {
      const answer = await answerOf(pushSetup(content), on("SMR 5.0.0"));
      assert.deepEqual([leaf(answer, "Result"), leaf(answer, "Description")], ["NOT OK", description], answer.xml);
    });
  }

  it("SetPushSetupAlarm with nothing to set: fault 401 at once", async () => {
    const sent = await world.client.send(pushSetup("").document(on("SMR 5.0.0")));
    assert.ok("fault" in sent);
    assert.equal(leaf(sent.fault, "Code"), "401");
    assert.equal(leaf(sent.fault, "InnerMessage"), "SetPushSetupAlarm needs Host and Port, a PushObjectList, or both");
  });

  for (const [name, version, attribute, inner] of [
    [
      "GetAdministrativeStatus",
      "SMR 5.1",
      "1/0.1.94.31.0.255/2",
      "Retrieving attribute value for { 1, 0.1.94.31.0.255, 2 }. Result: resultCode(3), with data: null",
    ],
    [
      "GetFirmwareVersion",
      "DSMR 2.2",
      "1/1.1.0.2.0.255/2",
      "Retrieving attribute value for { 1, 1.1.0.2.0.255, 2 }. Result: resultCode(3), with data: null",
    ],
    [
      "GetFirmwareVersionGas",
      "SMR 5.5",
      "4/0.1.24.2.11.255/2",
      "Retrieving attribute value for { 4, 0.1.24.2.11.255, 2 }. Result: resultCode(3), with data: null",
    ],
    [
      "ScanMbusChannels",
      "SMR 4.3",
      "72/0.2.24.1.0.255/7",
      "Retrieving attribute value for { 72, 0.2.24.1.0.255, 7 }. Result: resultCode(3), with data: null",
    ],
  ] as const) {
    it(`${name}: fault 412 that names the attribute and the result`, async () => {
      const answer = await answerOf(
        ({ ...READS, ...BROUGHT } as Readonly<Record<string, MatrixCase>>)[name]!,
        on(version),
        refusesReading(attribute, "read-write-denied"),
      );
      assert.equal(leaf(answer, "Code"), "412", answer.xml);
      assert.equal(leaf(answer, "InnerMessage"), inner);
    });
  }

  it("GetConfigurationObject: a fault with the result in words", async () => {
    const behaviour = refusesReading("1/0.1.94.31.3.255/2", "read-write-denied");
    const answer = await answerOf(READS.GetConfigurationObject, on("SMR 5.0.0"), behaviour);
    const text = "Non-successful result received retrieving configuration object: READ_WRITE_DENIED";
    assert.deepEqual([answer.element, leaf(answer, "InnerMessage")], ["Fault", text], answer.xml);
  });

  it("GetAllAttributeValues: everything else", async () => {
    const cell = on("DSMR 2.2");
    const answer = await answerOf(
      READS.GetAllAttributeValues,
      cell,
      refusesReading("3/1.0.1.8.0.255/2", "hardware-fault"),
    );
    const objects: { obis: string; attributes: { id: number; value?: unknown }[] }[] = JSON.parse(
      leaf(answer, "Output")!,
    );
    const { attributes } = objects.find(({ obis }) => obis === "1.0.1.8.0.255")!;
    assert.deepEqual(
      attributes.map(({ id, value }) => [id, value !== undefined]),
      [
        [1, true],
        [2, false],
        [3, true],
      ],
    );
  });
});
