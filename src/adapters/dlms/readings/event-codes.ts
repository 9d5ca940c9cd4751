/** What an M-Bus device or its channel tells, in the order of the codes. */
const MBUS_EVENTS = [
  "COMMUNICATION_ERROR_M_BUS",
  "COMMUNICATION_OK_M_BUS",
  "REPLACE_BATTERY_M_BUS",
  "FRAUD_ATTEMPT_M_BUS",
  "CLOCK_ADJUSTED_M_BUS",
  "NEW_M_BUS_DEVICE_DISCOVERED",
  "PERMANENT_ERROR_FROM_M_BUS_DEVICE",
  "DEAD_BATTERY_ERROR_M_BUS_DEVICE",
] as const;

const MBUS_FIRMWARE_EVENTS = [
  "MBUS_FW_UPGRADE_SUCCESSFUL",
  "MBUS_FW_UPGRADE_BLOCK_SIZE_NOT_SUPPORTED",
  "MBUS_FW_UPGRADE_IMAGE_SIZE_TOO_BIG",
  "MBUS_FW_UPGRADE_INVALID_BLOCK_NUMBER",
  "MBUS_FW_UPGRADE_DATA_RECEIVE_ERROR",
  "MBUS_FW_UPGRADE_IMAGE_NOT_COMPLETE_ERROR",
  "MBUS_FW_UPGRADE_INVALID_SECURITY_ERROR",
  "MBUS_FW_UPGRADE_INVALID_FIRMWARE_FOR_THIS_DEVICE",
] as const;

/** The bits of an M-Bus device's status, and two events of its keys behind them. */
const MBUS_STATUS_EVENTS = [
  "MBUS_STATUS_BIT_0_BATTERY_LOW",
  "MBUS_STATUS_BIT_1_BATTERY_CONSUMPTION_TOO_HIGH",
  "MBUS_STATUS_BIT_2_REVERSE_FLOW",
  "MBUS_STATUS_BIT_3_TAMPER_P2",
  "MBUS_STATUS_BIT_4_TAMPER_P0",
  "MBUS_STATUS_BIT_5_TAMPER_CASE",
  "MBUS_STATUS_BIT_6_TAMPER_MAGNETIC",
  "MBUS_STATUS_BIT_7_TEMP_OUT_OF_RANGE",
  "MBUS_STATUS_BIT_8_CLOCK_SYNC_ERROR",
  "MBUS_STATUS_BIT_9_SW_ERROR",
  "MBUS_STATUS_BIT_10_WATCHDOG_ERROR",
  "MBUS_STATUS_BIT_11_SYSTEM_HW_ERROR",
  "MBUS_STATUS_BIT_12_CFG_CALIBRATION_ERROR",
  "MBUS_STATUS_BIT_13_HIGH_FLOW_GREATER_THAN_QMAX",
  "MBUS_STATUS_BIT_14_TEMP_SENSOR_ERROR",
  "MBUS_STATUS_BIT_15_RESERVED",
  "MBUS_STATUS_BIT_16_P0_ENABLED",
  "MBUS_STATUS_BIT_17_NEW_KEY_ACCEPTED",
  "MBUS_STATUS_BIT_18_NEW_KEY_REJECTED",
  "MBUS_STATUS_BIT_19_RESERVED",
  "MBUS_STATUS_BIT_20_MANUFACTURER_SPECIFIC",
  "MBUS_STATUS_BIT_21_MANUFACTURER_SPECIFIC",
  "MBUS_STATUS_BIT_22_MANUFACTURER_SPECIFIC",
  "MBUS_STATUS_BIT_23_MANUFACTURER_SPECIFIC",
  "MBUS_STATUS_BIT_24_MANUFACTURER_SPECIFIC",
  "MBUS_STATUS_BIT_25_MANUFACTURER_SPECIFIC",
  "MBUS_STATUS_BIT_26_MANUFACTURER_SPECIFIC",
  "MBUS_STATUS_BIT_27_MANUFACTURER_SPECIFIC",
  "MBUS_STATUS_BIT_28_MANUFACTURER_SPECIFIC",
  "MBUS_STATUS_BIT_29_MANUFACTURER_SPECIFIC",
  "MBUS_STATUS_BIT_30_MANUFACTURER_SPECIFIC",
  "MBUS_STATUS_BIT_31_MANUFACTURER_SPECIFIC",
  "KEY_SENT_TO_MBUS_DEVICE_ON",
  "KEY_ACKNOWLEDGED_BY_MBUS_DEVICE_ON",
] as const;

/** Events of the meter itself: the code of the first, and those that follow it by one each. */
const METER_EVENTS = [
  { first: 1, types: ["POWER_FAILURE", "POWER_RETURNED", "CLOCK_UPDATE", "CLOCK_ADJUSTED_OLD_TIME"] },
  { first: 5, types: ["CLOCK_ADJUSTED_NEW_TIME", "CLOCK_INVALID", "REPLACE_BATTERY", "BATTERY_VOLTAGE_LOW"] },
  { first: 9, types: ["TARIFF_ACTIVATED", "ERROR_REGISTER_CLEARED", "ALARM_REGISTER_CLEARED"] },
  { first: 12, types: ["HARDWARE_ERROR_PROGRAM_MEMORY", "HARDWARE_ERROR_RAM", "HARDWARE_ERROR_NV_MEMORY"] },
  { first: 15, types: ["WATCHDOG_ERROR", "HARDWARE_ERROR_MEASUREMENT_SYSTEM"] },
  { first: 17, types: ["FIRMWARE_READY_FOR_ACTIVATION", "FIRMWARE_ACTIVATED", "PASSIVE_TARIFF_UPDATED"] },
  { first: 20, types: ["SUCCESSFUL_SELFCHECK_AFTER_FIRMWARE_UPDATE"] },
  { first: 21, types: ["COMMUNICATION_MODULE_REMOVED", "COMMUNICATION_MODULE_INSERTED"] },
  { first: 23, types: ["ERROR_REGISTER_2_CLEARED", "ALARM_REGISTER_2_CLEARED", "LAST_GASP_TEST"] },
  { first: 40, types: ["TERMINAL_COVER_REMOVED", "TERMINAL_COVER_CLOSED"] },
  { first: 42, types: ["STRONG_DC_FIELD_DETECTED", "NO_STRONG_DC_FIELD_ANYMORE"] },
  { first: 44, types: ["METER_COVER_REMOVED", "METER_COVER_CLOSED", "FAILED_LOGIN_ATTEMPT", "CONFIGURATION_CHANGE"] },
  { first: 48, types: ["MODULE_COVER_OPENED", "MODULE_COVER_CLOSED"] },
  { first: 51, types: ["THD_OVER_LIMIT_L1", "THD_OVER_LIMIT_L2", "THD_OVER_LIMIT_L3"] },
  { first: 54, types: ["THD_NORMAL_L1", "THD_NORMAL_L2", "THD_NORMAL_L3"] },
  { first: 57, types: ["THD_LONG_OVER_LIMIT_L1", "THD_LONG_OVER_LIMIT_L2", "THD_LONG_OVER_LIMIT_L3"] },
  { first: 71, types: ["METROLOGICAL_MAINTENANCE", "TECHNICAL_MAINTENANCE"] },
  { first: 73, types: ["RETRIEVE_METER_READINGS_E", "RETRIEVE_METER_READINGS_G"] },
  { first: 75, types: ["RETRIEVE_INTERVAL_DATA_E", "RETRIEVE_INTERVAL_DATA_G"] },
  { first: 77, types: ["UNDER_VOLTAGE_L1", "UNDER_VOLTAGE_L2", "UNDER_VOLTAGE_L3"] },
  { first: 86, types: ["PHASE_OUTAGE_L1", "PHASE_OUTAGE_L2", "PHASE_OUTAGE_L3", "PHASE_OUTAGE_TEST"] },
  { first: 90, types: ["PHASE_RETURNED_L1", "PHASE_RETURNED_L2", "PHASE_RETURNED_L3"] },
  { first: 93, types: ["VOLTAGE_SAG_IN_PHASE_L1", "VOLTAGE_SAG_IN_PHASE_L2", "VOLTAGE_SAG_IN_PHASE_L3"] },
  { first: 96, types: ["VOLTAGE_SWELL_IN_PHASE_L1", "VOLTAGE_SWELL_IN_PHASE_L2", "VOLTAGE_SWELL_IN_PHASE_L3"] },
  { first: 99, types: ["LAST_GASP"] },
  { first: 255, types: ["EVENTLOG_CLEARED"] },
  { first: 0xffff, types: ["AUXILIARY_EVENTLOG_CLEARED"] },
] as const;

/** Codes 80 to 85, which the two families of standards use for other things. */
const FIRST_OF_FAMILY = 80;
const FAMILY_EVENTS = {
  DSMR: [
    "PV_VOLTAGE_SAG_L1",
    "PV_VOLTAGE_SAG_L2",
    "PV_VOLTAGE_SAG_L3",
    "PV_VOLTAGE_SWELL_L1",
    "PV_VOLTAGE_SWELL_L2",
    "PV_VOLTAGE_SWELL_L3",
  ],
  SMR: [
    "OVER_VOLTAGE_L1",
    "OVER_VOLTAGE_L2",
    "OVER_VOLTAGE_L3",
    "VOLTAGE_L1_NORMAL",
    "VOLTAGE_L2_NORMAL",
    "VOLTAGE_L3_NORMAL",
  ],
} as const;

/** Blocks of codes that exist once per M-Bus channel: the code of the first on channel 1, and how far channels are apart. */
const CHANNEL_EVENTS = [
  { first: 100, apart: 10, types: MBUS_EVENTS },
  { first: 0x1000, apart: 0x100, types: MBUS_FIRMWARE_EVENTS },
  { first: 0x8080, apart: 0x100, types: MBUS_STATUS_EVENTS },
] as const;
const CHANNELS = [1, 2, 3, 4] as const;

const MANUFACTURER_FIRST = 230;
const MANUFACTURER_LAST = 249;

/** What happened. */
export type EventType =
  | (typeof METER_EVENTS)[number]["types"][number]
  | (typeof FAMILY_EVENTS)["DSMR" | "SMR"][number]
  | `${(typeof CHANNEL_EVENTS)[number]["types"][number]}_CHANNEL_${(typeof CHANNELS)[number]}`
  | `MANUFACTURER_SPECIFIC_${number}`
  | "UNKNOWN_EVENT_HEADEND";

const COMMON = new Map<number, EventType>();
for (const { first, types } of METER_EVENTS) for (const [i, type] of types.entries()) COMMON.set(first + i, type);
for (const { first, apart, types } of CHANNEL_EVENTS) {
  for (const channel of CHANNELS) {
    for (const [i, type] of types.entries())
      COMMON.set(first + (channel - 1) * apart + i, `${type}_CHANNEL_${channel}`);
  }
}
for (let code = MANUFACTURER_FIRST; code <= MANUFACTURER_LAST; code++)
  COMMON.set(code, `MANUFACTURER_SPECIFIC_${code}`);

/**
 * What a code of an event log means.
 * @param code 0 … 65535
 * @param protocolName of the companion standard: DSMR, SMR
 * @returns UNKNOWN_EVENT_HEADEND for a code that the standards do not have
 */
export function eventTypeOf(code: number, protocolName: string): EventType {
  const family: readonly EventType[] = protocolName === "DSMR" ? FAMILY_EVENTS.DSMR : FAMILY_EVENTS.SMR;
  return family[code - FIRST_OF_FAMILY] ?? COMMON.get(code) ?? "UNKNOWN_EVENT_HEADEND";
}
