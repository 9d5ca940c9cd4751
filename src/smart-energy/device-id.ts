/**
 * Names of gateways in Device Cloud: 32 hexadecimal digits in four groups, `00000000-00000000-AABBCCFF-FFDDEEFF`.
 * Without their dashes they can be identifications of devices.
 */
export type CloudDeviceId = string;

/** Reads one with or without dashes; undefined when it is none. */
export function parseDeviceId(text: string): CloudDeviceId | undefined {
  const digits = text.replace(/[\s-]/g, "").toUpperCase();
  return /^[0-9A-F]{32}$/.test(digits) ? digits.replace(/.{8}(?!$)/g, "$&-") : undefined;
}

/** That of a gateway with this Ethernet address of six octets. */
export function deviceIdOf(ethernetAddress: string): CloudDeviceId | undefined {
  const mac = ethernetAddress.replace(/[\s:-]/g, "").toUpperCase();
  if (!/^[0-9A-F]{12}$/.test(mac)) return undefined;
  return parseDeviceId(`${"0".repeat(16)}${mac.slice(0, 6)}FFFF${mac.slice(6)}`);
}
