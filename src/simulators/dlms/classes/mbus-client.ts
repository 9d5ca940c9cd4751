import { asNumber, asOctets, type CosemData } from "../../../dlms/data.ts";
import { parseObis } from "../../../lib/obis.ts";
import { type Attribute, type CosemObject, cosemObject, readOnly, writable } from "../cosem-object.ts";
import { identificationValue, type MbusDevice, manufacturerNumber } from "../mbus-device.ts";
import { deliverKeyByData, deliverUserKey } from "../mbus-keys.ts";
import type { Meter } from "../meter.ts";
import type { Shape } from "../shape.ts";
import { array, doubleLongUnsigned, enumerated, logicalNameOctets, longUnsigned, unsigned } from "../values.ts";

/** encryption_key_status (Blue Book, class 72 version 1). */
const KEY_STATUS = { none: 0, set: 1, transferred: 2, setAndTransferred: 3, inUse: 4 } as const;
/** What attribute 13 holds after a device was deinstalled. */
const CONFIGURATION_WITHOUT_DEVICE = 99;
const DATA_TO_SEND: Shape = { array: { structure: ["octet-string", "octet-string", "octet-string"] } };

/** An attribute whose delivered value follows from the device on the channel, or is `none` on an empty channel. */
function ofDevice(
  shape: Shape,
  channel: number,
  none: CosemData,
  value: (device: MbusDevice, meter: Meter) => CosemData,
): Attribute {
  return writable(shape, (meter) => {
    const device = meter.description.mbusDevices.get(channel);
    return device ? value(device, meter) : none;
  });
}

/**
 * Class 72: what the electricity meter knows of the device on one M-Bus channel.
 * Attribute 14 is left out where the companion standard has none.
 */
export function mbusClient(channel: number, version: number, withKeyStatus = true): CosemObject {
  const address = ofDevice("unsigned", channel, unsigned(0), (device) => unsigned(device.primaryAddress));
  const configuration = readOnly("long-unsigned", longUnsigned(0));
  const alarm = readOnly("unsigned", unsigned(0));
  const keyStatus = readOnly("enum", (meter) =>
    enumerated(meter.description.mbusDevices.has(channel) ? KEY_STATUS.inUse : KEY_STATUS.none),
  );
  const attributes: Record<number, Attribute> = {
    2: readOnly({ octets: 6 }, logicalNameOctets(parseObis("0.0.24.6.0.255"))),
    3: readOnly({ array: { structure: ["octet-string", "octet-string"] } }, array([])),
    4: writable("double-long-unsigned", doubleLongUnsigned(3600)),
    5: address,
    6: ofDevice("double-long-unsigned", channel, doubleLongUnsigned(0), (device) =>
      doubleLongUnsigned(identificationValue(device.identificationNumber, version)),
    ),
    7: ofDevice("long-unsigned", channel, longUnsigned(0), (device) =>
      longUnsigned(manufacturerNumber(device.manufacturer)),
    ),
    8: ofDevice("unsigned", channel, unsigned(0), (device) => unsigned(device.version)),
    9: ofDevice("unsigned", channel, unsigned(0), (device) => unsigned(device.deviceType)),
    10: readOnly("unsigned", unsigned(0)),
    11: readOnly("unsigned", unsigned(0)),
    12: alarm,
    13: configuration,
  };
  if (withKeyStatus) attributes[14] = keyStatus;
  return cosemObject(72, version, parseObis(`0.${channel}.24.1.0.255`), attributes, {
    // slave_install
    1: {
      parameter: "unsigned",
      invoke: (meter, parameter) => {
        meter.store(address, parameter);
        return "success";
      },
    },
    // slave_deinstall
    2: {
      parameter: "unsigned",
      invoke: (meter) => {
        meter.store(address, unsigned(0));
        meter.store(configuration, longUnsigned(CONFIGURATION_WITHOUT_DEVICE));
        meter.store(keyStatus, enumerated(KEY_STATUS.none));
        return "success";
      },
    },
    // capture
    3: { parameter: "integer", invoke: () => "success" },
    // reset_alarm
    4: {
      parameter: "integer",
      invoke: (meter) => {
        meter.store(alarm, unsigned(0));
        return "success";
      },
    },
    // synchronize_clock
    5: { parameter: "integer", invoke: () => "success" },
    // data_send
    6: {
      parameter: DATA_TO_SEND,
      invoke: (meter, parameter) => {
        deliverKeyByData(meter, channel, parameter);
        return "success";
      },
    },
    // set_encryption_key: the key with which the electricity meter reads the device's telegrams
    7: {
      parameter: "octet-string",
      invoke: (meter) => {
        const transferred = asNumber(meter.value(keyStatus)) === KEY_STATUS.transferred;
        meter.store(keyStatus, enumerated(transferred ? KEY_STATUS.setAndTransferred : KEY_STATUS.set));
        return "success";
      },
    },
    // transfer_key: a wrapped key is passed on; whether the device takes it cannot be seen here
    8: {
      parameter: "octet-string",
      invoke: (meter, parameter) => {
        deliverUserKey(meter, channel, asOctets(parameter));
        meter.store(keyStatus, enumerated(KEY_STATUS.transferred));
        return "success";
      },
    },
  });
}
