import type { NewRequest } from "../../src/store/requests.ts";

export function newRequest(correlationUid: string, fields: Partial<NewRequest> = {}): NewRequest {
  const device = fields.device ?? "E1";
  return {
    correlationUid,
    caller: { organisation: "Utility", userName: "clerk", applicationName: "ERP" },
    operation: "SynchronizeTime",
    device,
    routeDevice: device,
    family: "dlms",
    writes: false,
    actions: [{ operation: "SynchronizeTime", request: { timeZone: "Europe/Amsterdam" } }],
    scheduling: { priority: 4, bypassRetry: false },
    acceptedMs: 1000,
    ...fields,
  };
}
