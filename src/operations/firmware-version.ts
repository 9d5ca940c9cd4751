export interface FirmwareVersion {
  readonly module:
    | "ACTIVE_FIRMWARE"
    | "MODULE_ACTIVE_FIRMWARE"
    | "COMMUNICATION_MODULE_ACTIVE_FIRMWARE"
    | "M_BUS_DRIVER_ACTIVE_FIRMWARE"
    | "SIMPLE_VERSION_INFO";
  readonly version: string;
}
