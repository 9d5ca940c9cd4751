export const CONFIGURATION_FLAGS = [
  "DISCOVER_ON_OPEN_COVER",
  "DISCOVER_ON_POWER_ON",
  "DYNAMIC_MBUS_ADDRESS",
  "PO_ENABLE",
  "HLS_3_ON_P3_ENABLE",
  "HLS_4_ON_P3_ENABLE",
  "HLS_5_ON_P3_ENABLE",
  "HLS_3_ON_P0_ENABLE",
  "HLS_4_ON_P0_ENABLE",
  "HLS_5_ON_P0_ENABLE",
  "DIRECT_ATTACH_AT_POWER_ON",
  "HLS_6_ON_P3_ENABLE",
  "HLS_7_ON_P3_ENABLE",
  "HLS_6_ON_P0_ENABLE",
  "HLS_7_ON_P0_ENABLE",
] as const;
export type ConfigurationFlag = (typeof CONFIGURATION_FLAGS)[number];
export type GprsOperationMode = "ALWAYS_ON" | "TRIGGERED";

export interface ConfigurationObject {
  readonly gprsOperationMode?: GprsOperationMode | undefined;
  /** Flags that are named; in a request the others keep the meter's value. */
  readonly flags: readonly { readonly flag: ConfigurationFlag; readonly enabled: boolean }[];
}
