import type { KnownOperation } from "../../src/operations/registry.ts";
import { TEST_CASES } from "../operations/cases.ts";
import type { ServicePrefix } from "../operations/services.ts";

/** One operation: what an ERP sends, what must be asked of the device, what came of it and what the ERP must see. */
export interface OperationCase {
  readonly operation: KnownOperation;
  readonly service: ServicePrefix;
  /** Content of the request element after DeviceIdentification; `$` stands for the service's prefix. */
  readonly content?: string;
  /** The whole content of the request element, where DeviceIdentification is not its first child. */
  readonly whole?: string;
  readonly request: object;
  readonly result: object;
  /** Content of the response element, without namespaces. */
  readonly response: string;
  /** What an error with the text "broken" is answered with; a fault when absent. */
  readonly errorResponse?: string;
}

const OK = "<Result>OK</Result>";
const NOT_OK = "<Result>NOT OK</Result><Description>broken</Description>";

/** A case of an operation that only changes something. */
function change(operation: KnownOperation, content: string, request: object, more: Partial<OperationCase> = {}) {
  return {
    operation,
    service: "s",
    content,
    request,
    result: {},
    response: OK,
    errorResponse: NOT_OK,
    ...more,
  } as const;
}

const DESTINATION = "<$:Host>10.0.0.7</$:Host><$:Port>9598</$:Port>";
const OBIS = "<c:a>0</c:a><c:b>0</c:b><c:c>1</c:c><c:d>0</c:d><c:e>0</c:e><c:f>255</c:f>";

const day = (dayId: number) =>
  `<$:DayId>${dayId}</$:DayId><$:DaySchedule><$:DayProfileAction><$:StartTime>06000000</$:StartTime>` +
  "<$:ScriptSelector>2</$:ScriptSelector></$:DayProfileAction></$:DaySchedule>";
const dayProfile = (dayId: number) => ({ dayId, actions: [{ startTime: "06000000", scriptSelector: 2 }] });
const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

const CASES: readonly OperationCase[] = [
  change(
    "SetSpecialDays",
    "<$:SpecialDaysRequestData><$:SpecialDays><$:specialDayDate>ffff0c19FF</$:specialDayDate><$:dayId>1</$:dayId></$:SpecialDays></$:SpecialDaysRequestData>",
    { specialDays: [{ date: "FFFF0C19FF", dayId: 1 }] },
  ),
  change(
    "SetConfigurationObject",
    "<$:SetConfigurationObjectRequestData><$:ConfigurationObject><$:GprsOperationMode>TRIGGERED</$:GprsOperationMode><$:ConfigurationFlags><$:ConfigurationFlag>" +
      "<$:ConfigurationFlagType>PO_ENABLE</$:ConfigurationFlagType><$:Enabled>0</$:Enabled></$:ConfigurationFlag></$:ConfigurationFlags></$:ConfigurationObject></$:SetConfigurationObjectRequestData>",
    { gprsOperationMode: "TRIGGERED", flags: [{ flag: "PO_ENABLE", enabled: false }] },
  ),
  {
    operation: "GetConfigurationObject",
    service: "s",
    request: {},
    result: { gprsOperationMode: "ALWAYS_ON", flags: [{ flag: "HLS_5_ON_P3_ENABLE", enabled: true }] },
    response:
      "<Result>OK</Result><ConfigurationObject><GprsOperationMode>ALWAYS_ON</GprsOperationMode><ConfigurationFlags><ConfigurationFlag>" +
      "<ConfigurationFlagType>HLS_5_ON_P3_ENABLE</ConfigurationFlagType><Enabled>true</Enabled></ConfigurationFlag></ConfigurationFlags></ConfigurationObject>",
  },
  change(
    "SetPushSetupAlarm",
    `<$:SetPushSetupAlarmRequestData><$:PushSetupAlarm>${DESTINATION}<$:PushObjectList><$:ClassId>8</$:ClassId><$:LogicalName>${OBIS}</$:LogicalName>` +
      "<$:AttributeIndex>2</$:AttributeIndex></$:PushObjectList></$:PushSetupAlarm></$:SetPushSetupAlarmRequestData>",
    {
      destination: { host: "10.0.0.7", port: 9598 },
      pushObjects: [{ classId: 8, logicalName: "0.0.1.0.0.255", attribute: 2, dataIndex: 0 }],
    },
  ),
  change(
    "SetPushSetupSms",
    `<$:SetPushSetupSmsRequestData><$:PushSetupSms>${DESTINATION}</$:PushSetupSms></$:SetPushSetupSmsRequestData>`,
    {
      destination: { host: "10.0.0.7", port: 9598 },
    },
  ),
  change(
    "SetPushSetupLastGasp",
    `<$:SetPushSetupLastGaspRequestData><$:PushSetupLastGasp>${DESTINATION}</$:PushSetupLastGasp></$:SetPushSetupLastGaspRequestData>`,
    { destination: { host: "10.0.0.7", port: 9598 } },
  ),
  change("SetPushSetupUdp", "", {}),
  change(
    "SetAlarmNotifications",
    "<$:SetAlarmNotificationsRequestData><$:AlarmNotifications><$:AlarmNotification><$:AlarmType>REPLACE_BATTERY</$:AlarmType><$:Enabled>true</$:Enabled></$:AlarmNotification>" +
      "<$:AlarmNotification><$:AlarmType>LAST_GASP</$:AlarmType><$:Enabled>false</$:Enabled></$:AlarmNotification></$:AlarmNotifications></$:SetAlarmNotificationsRequestData>",
    {
      notifications: [
        { alarm: "REPLACE_BATTERY", enabled: true },
        { alarm: "LAST_GASP", enabled: false },
      ],
    },
  ),
  change(
    "SetKeyOnGMeter",
    "<$:SetKeyOnGMeterRequestData><$:MbusDeviceIdentification>TESTG101205673101</$:MbusDeviceIdentification><$:SecretType>G_METER_OPTICAL_PORT_KEY</$:SecretType>" +
      "<$:CloseOpticalPort>true</$:CloseOpticalPort></$:SetKeyOnGMeterRequestData>",
    { mbusDevice: "TESTG101205673101", secretType: "G_METER_OPTICAL_PORT_KEY", closeOpticalPort: true },
  ),
  change(
    "SetMbusUserKeyByChannel",
    "<$:SetMbusUserKeyByChannelRequestData><$:Channel>2</$:Channel></$:SetMbusUserKeyByChannelRequestData>",
    { channel: 2 },
  ),
  {
    operation: "GetMbusEncryptionKeyStatus",
    service: "s",
    request: {},
    result: { status: "ENCRYPTION_KEY_IN_USE" },
    response: `${OK}<EncryptionKeyStatus>ENCRYPTION_KEY_IN_USE</EncryptionKeyStatus>`,
  },
  {
    operation: "GetMbusEncryptionKeyStatusByChannel",
    service: "s",
    whole:
      "<$:GatewayDeviceIdentification>TEST1024000000001</$:GatewayDeviceIdentification>" +
      "<$:GetMbusEncryptionKeyStatusByChannelRequestData><$:Channel>4</$:Channel></$:GetMbusEncryptionKeyStatusByChannelRequestData>",
    request: { channel: 4 },
    result: { status: "NO_ENCRYPTION_KEY" },
    response: `${OK}<EncryptionKeyStatus>NO_ENCRYPTION_KEY</EncryptionKeyStatus>`,
  },
  change(
    "SetActivityCalendar",
    "<$:ActivityCalendarData><$:ActivityCalendar><$:CalendarName>SUMMER</$:CalendarName><$:ActivatePassiveCalendarTime>FFFFFFFFFFFFFFFFFF800000</$:ActivatePassiveCalendarTime>" +
      "<$:SeasonProfile><$:Season><$:SeasonProfileName>1</$:SeasonProfileName><$:SeasonStart>FFFF0101FF00000000FFC400</$:SeasonStart><$:WeekProfile><$:WeekProfileName>2</$:WeekProfileName>" +
      DAYS.map((name, i) => `<$:${name}>${day(i < 5 ? 0 : 1)}</$:${name}>`).join("") +
      "</$:WeekProfile></$:Season></$:SeasonProfile></$:ActivityCalendar></$:ActivityCalendarData>",
    {
      name: "SUMMER",
      activatePassiveCalendarTime: "FFFFFFFFFFFFFFFFFF800000",
      seasons: [
        {
          name: "1",
          start: "FFFF0101FF00000000FFC400",
          week: { name: "2", days: DAYS.map((_, i) => dayProfile(i < 5 ? 0 : 1)) },
        },
      ],
    },
    {
      result: { device: "TEST1024000000001", calendarName: "SUMMER" },
      response: `${OK}<Description>Set Activity Calendar Result is OK for device id: TEST1024000000001 calendar name: SUMMER</Description>`,
    },
  ),
  {
    operation: "GetAdministrativeStatus",
    service: "s",
    request: {},
    result: { status: "ON" },
    response: "<Enabled>ON</Enabled>",
  },
  change("SetAdministrativeStatus", "<$:Enabled>OFF</$:Enabled>", { status: "OFF" }),
  {
    operation: "GetFirmwareVersion",
    service: "s",
    request: {},
    result: {
      versions: [
        { module: "ACTIVE_FIRMWARE", version: "KFPP_V600S_V1\u0001" },
        { module: "M_BUS_DRIVER_ACTIVE_FIRMWARE", version: "M <4> & more" },
      ],
    },
    response:
      `${OK}<FirmwareVersion><Version>KFPP_V600S_V1\uFFFD</Version><FirmwareModuleType>ACTIVE_FIRMWARE</FirmwareModuleType></FirmwareVersion>` +
      "<FirmwareVersion><Version>M &lt;4&gt; &amp; more</Version><FirmwareModuleType>M_BUS_DRIVER_ACTIVE_FIRMWARE</FirmwareModuleType></FirmwareVersion>",
  },
  {
    operation: "GetFirmwareVersionGas",
    service: "s",
    request: {},
    result: { version: { module: "SIMPLE_VERSION_INFO", version: "00400011" } },
    response: `${OK}<FirmwareVersion><Version>00400011</Version><FirmwareModuleType>SIMPLE_VERSION_INFO</FirmwareModuleType></FirmwareVersion>`,
  },
  {
    operation: "UpdateFirmware",
    service: "s",
    content: "<$:FirmwareIdentification>TEST_FW_V1</$:FirmwareIdentification>",
    request: { firmwareIdentification: "TEST_FW_V1" },
    result: {},
    response: OK,
  },
  {
    operation: "ReplaceKeys",
    service: "s",
    content:
      `<$:SetKeysRequestData><$:AuthenticationKey>${"0a0B".repeat(128)}</$:AuthenticationKey>` +
      `<$:EncryptionKey>${"0C0D".repeat(128)}</$:EncryptionKey></$:SetKeysRequestData>`,
    request: { authenticationKey: "0A0B".repeat(128), encryptionKey: "0C0D".repeat(128) },
    result: {},
    response: OK,
  },
  change("GenerateAndReplaceKeys", "", {}),
  {
    operation: "GetKeys",
    service: "s",
    content:
      "<$:GetKeysData><$:secretTypes>E_METER_MASTER_KEY</$:secretTypes><$:secretTypes>G_METER_MASTER_KEY</$:secretTypes></$:GetKeysData>",
    request: { secretTypes: ["E_METER_MASTER_KEY", "G_METER_MASTER_KEY"] },
    result: {
      keys: [
        { secretType: "E_METER_MASTER_KEY", sealed: "AABB" },
        { secretType: "G_METER_MASTER_KEY", sealed: null },
      ],
    },
    response:
      `${OK}<GetKeysResponseData><Result>OK</Result><secretType>E_METER_MASTER_KEY</secretType><secretValue>AABB</secretValue></GetKeysResponseData>` +
      "<GetKeysResponseData><Result>NOT FOUND</Result><secretType>G_METER_MASTER_KEY</secretType><secretValue></secretValue></GetKeysResponseData>",
  },
  change(
    "SetClockConfiguration",
    "<$:SetClockConfigurationData><$:TimeZoneOffset>-60</$:TimeZoneOffset><$:DaylightSavingsBegin>FFFF03FE0702000000FFC400</$:DaylightSavingsBegin>" +
      "<$:DaylightSavingsEnd>FFFF0AFE0703000000FF8880</$:DaylightSavingsEnd><$:DaylightSavingsEnabled/></$:SetClockConfigurationData>",
    {
      timeZoneOffsetMinutes: -60,
      daylightSavingsBegin: "FFFF03FE0702000000FFC400",
      daylightSavingsEnd: "FFFF0AFE0703000000FF8880",
      daylightSavingsEnabled: true,
    },
  ),
  change(
    "ConfigureDefinableLoadProfile",
    `<$:DefinableLoadProfileConfigurationData><$:CaptureObjects><c:CaptureObject><c:ClassId>3</c:ClassId><c:LogicalName>${OBIS}</c:LogicalName>` +
      "<c:AttributeIndex>2</c:AttributeIndex><c:DataIndex>1</c:DataIndex></c:CaptureObject></$:CaptureObjects><$:CapturePeriod>86400</$:CapturePeriod></$:DefinableLoadProfileConfigurationData>",
    {
      captureObjects: [{ classId: 3, logicalName: "0.0.1.0.0.255", attribute: 2, dataIndex: 1 }],
      capturePeriodS: 86_400,
    },
  ),
  change(
    "SetRandomisationSettings",
    "<$:SetRandomisationSettingsData><$:directAttach>0</$:directAttach><$:randomisationStartWindow>5</$:randomisationStartWindow>" +
      "<$:multiplicationFactor>3</$:multiplicationFactor><$:numberOfRetries>2</$:numberOfRetries></$:SetRandomisationSettingsData>",
    { directAttach: false, randomisationStartWindow: 5, multiplicationFactor: 3, numberOfRetries: 2 },
  ),
  change(
    "SetThdConfiguration",
    "<$:SetThdConfigurationRequestData><$:MinDurationNormalToOver>1</$:MinDurationNormalToOver><$:MinDurationOverToNormal>2</$:MinDurationOverToNormal>" +
      "<$:TimeThreshold>3</$:TimeThreshold><$:ValueHysteresis>4</$:ValueHysteresis><$:ValueThreshold>5</$:ValueThreshold></$:SetThdConfigurationRequestData>",
    {
      minDurationNormalToOverS: 1,
      minDurationOverToNormalS: 2,
      timeThresholdS: 3,
      valueHysteresisPercent: 4,
      valueThresholdPercent: 5,
    },
  ),
  change(
    "SynchronizeTime",
    "<$:SynchronizeTimeRequestData><$:TimeZone>Europe/Amsterdam</$:TimeZone></$:SynchronizeTimeRequestData>",
    { timeZone: "Europe/Amsterdam" },
    { service: "a" },
  ),
  {
    operation: "GetSpecificAttributeValue",
    service: "a",
    whole:
      `<$:ClassId>8</$:ClassId><$:Attribute>3</$:Attribute><$:ObisCode>${OBIS}</$:ObisCode>` +
      "<$:DeviceIdentification>TEST1024000000001</$:DeviceIdentification>",
    request: { classId: 8, attribute: 3, logicalName: "0.0.1.0.0.255" },
    result: { text: "DataObject: Choice=LONG_INTEGER" },
    response: `${OK}<AttributeValueData>DataObject: Choice=LONG_INTEGER</AttributeValueData>`,
  },
  {
    operation: "GetAllAttributeValues",
    service: "a",
    request: {},
    result: { output: '[{"tag":"CLOCK"}]' },
    response: `${OK}<Output>[{"tag":"CLOCK"}]</Output>`,
    errorResponse: "<Result>NOT OK</Result><Output>broken</Output>",
  },
  {
    operation: "GetAssociationLnObjects",
    service: "a",
    request: {},
    result: {
      objects: [
        {
          classId: 8,
          version: 0,
          logicalName: "0.0.1.0.0.255",
          attributes: [
            { id: 1, mode: 1, selectors: [] },
            { id: 2, mode: 6, selectors: [1, 2] },
            { id: 3, mode: 7, selectors: [] },
          ],
          methods: [
            { id: 1, mode: 2 },
            { id: 2, mode: 3 },
          ],
        },
      ],
    },
    response:
      `${OK}<AssociationLnList><AssociationLnListElement><ClassId>8</ClassId><Version>0</Version><LogicalName>0000010000FF</LogicalName><AccessRights><AttributeAccess>` +
      "<AttributeAccessItem><AttributeId>1</AttributeId><AccessMode>READ_ONLY</AccessMode><AccessSelectors></AccessSelectors></AttributeAccessItem>" +
      "<AttributeAccessItem><AttributeId>2</AttributeId><AccessMode>AUTHENTICATED_READ_AND_WRITE</AccessMode><AccessSelectors><AccessSelector>1</AccessSelector>" +
      "<AccessSelector>2</AccessSelector></AccessSelectors></AttributeAccessItem></AttributeAccess><MethodAccess><MethodAccessItem><MethodId>1</MethodId>" +
      "<AccessMode>AUTHENTICATED_ACCESS</AccessMode></MethodAccessItem></MethodAccess></AccessRights></AssociationLnListElement></AssociationLnList>",
    errorResponse: "<Result>NOT OK</Result><AssociationLnList></AssociationLnList>",
  },
  change(
    "TestAlarmScheduler",
    "<$:TestAlarmSchedulerRequestData><$:ScheduleTime>2030-01-01T01:00:00+01:00</$:ScheduleTime><$:AlarmType>LAST_GASP</$:AlarmType></$:TestAlarmSchedulerRequestData>",
    { scheduleTimeMs: Date.UTC(2030, 0, 1), alarmType: "LAST_GASP" },
    { service: "a" },
  ),
];

/** These, and those that operations bring with them. */
export const OPERATION_CASES: readonly OperationCase[] = [
  ...CASES,
  ...[...TEST_CASES.values()].map(({ wire }) => wire),
];
