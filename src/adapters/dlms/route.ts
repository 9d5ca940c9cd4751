import type { Device } from "../../domain/device.ts";
import { MetergateError } from "../../domain/errors.ts";
import type { FindDevice } from "../../domain/family.ts";
import type { RequestedOperation } from "../../domain/request.ts";
import { mbusOf } from "../../operations/mbus.ts";
import { findOperation } from "../../operations/registry.ts";

/**
 * The meter to connect to: the device itself, or the electricity meter in front of an M-Bus device.
 * @throws MetergateError GATEWAY_DEVICE_NOT_SET_FOR_MBUS_DEVICE, GATEWAY_DEVICE_INVALID_FOR_MBUS_DEVICE
 */
export async function routeTo(device: Device, operation: RequestedOperation, findDevice: FindDevice): Promise<Device> {
  const { identification, gateway } = device;
  if (!gateway) {
    if (!mbusOf(device) || findOperation(operation)?.tellsMissingGateway) return device;
    const text = `M-Bus device ${identification} is not coupled to an electricity meter`;
    throw new MetergateError("GATEWAY_DEVICE_NOT_SET_FOR_MBUS_DEVICE", text);
  }
  const route = await findDevice(gateway.device);
  if (!route || mbusOf(route) || route.gateway || route.family !== device.family) {
    const text = `${gateway.device}, the gateway of ${identification}, is not an electricity meter`;
    throw new MetergateError("GATEWAY_DEVICE_INVALID_FOR_MBUS_DEVICE", text);
  }
  return route;
}
