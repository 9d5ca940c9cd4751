/** What an alarm register's bits mean; the same numbering in register and filter, bit 0 the least significant. */
const channels = (name: string) => [1, 2, 3, 4].map((channel) => `${name}_CHANNEL_${channel}`);
const phases = (name: string) => [1, 2, 3].map((phase) => `${name}_L${phase}`);
const from = (firstBit: number, names: readonly string[]): [number, string][] =>
  names.map((name, i) => [firstBit + i, name]);

export type AlarmRegister = 1 | 2 | 3;

const BITS: Record<AlarmRegister, ReadonlyMap<number, string>> = {
  1: new Map([
    ...from(0, ["CLOCK_INVALID", "REPLACE_BATTERY", "POWER_UP", "AUXILIARY_EVENT", "CONFIGURATION_CHANGED"]),
    ...from(8, ["PROGRAM_MEMORY_ERROR", "RAM_ERROR", "NV_MEMORY_ERROR", "MEASUREMENT_SYSTEM_ERROR"]),
    ...from(12, ["WATCHDOG_ERROR", "FRAUD_ATTEMPT"]),
    ...from(16, channels("COMMUNICATION_ERROR_M_BUS")),
    ...from(20, channels("FRAUD_ATTEMPT_M_BUS")),
    ...from(24, channels("NEW_M_BUS_DEVICE_DISCOVERED")),
    ...from(28, phases("PHASE_OUTAGE_DETECTED")),
    [31, "PHASE_OUTAGE_TEST_INDICATION"],
  ]),
  2: new Map([
    ...from(0, phases("VOLTAGE_SAG_IN_PHASE_DETECTED")),
    ...from(3, phases("VOLTAGE_SWELL_IN_PHASE_DETECTED")),
    ...from(8, phases("THD_OVERLIMIT_IN_PHASE")),
    ...from(11, phases("THD_LONG_OVERLIMIT_IN_PHASE")),
  ]),
  3: new Map(from(0, ["LAST_GASP", "LAST_GASP_TEST"])),
};

/** Where an alarm sits; undefined for a name that no register has. */
export function alarmBit(alarm: string): { readonly register: AlarmRegister; readonly bit: number } | undefined {
  for (const register of [1, 2, 3] as const) {
    for (const [bit, name] of BITS[register]) if (name === alarm) return { register, bit };
  }
  return undefined;
}

/**
 * The alarms that are set in a register's value (0 … 2^32 − 1), lowest bit first, and the bits that mean nothing.
 */
export function alarmsOf(register: AlarmRegister, value: number): { alarms: string[]; unknownBits: number[] } {
  const alarms: string[] = [];
  const unknownBits: number[] = [];
  for (let bit = 0; bit < 32; bit++) {
    if (((value >>> bit) & 1) === 0) continue;
    const name = BITS[register].get(bit);
    if (name === undefined) unknownBits.push(bit);
    else alarms.push(name);
  }
  return { alarms, unknownBits };
}
