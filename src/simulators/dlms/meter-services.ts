import type { ServiceRequest, ServiceResponse } from "../../dlms/services.ts";
import type { Meter, Rights } from "./meter.ts";

/** Answers a request from the meter's objects, one element after the other; undefined for short names. */
export function serve(meter: Meter, request: ServiceRequest, rights: Rights): ServiceResponse | undefined {
  const { behaviours } = meter;
  switch (request.type) {
    case "get":
      return {
        type: "get",
        results: request.attributes.map((reference) => {
          const result = behaviours.first(({ get }) => get?.(reference, meter)) ?? meter.get(reference);
          return behaviours.changeRead(result, reference, meter);
        }),
      };
    case "set":
      return {
        type: "set",
        results: request.attributes.map(
          (reference, i) =>
            behaviours.first(({ set }) => set?.(reference, meter)) ?? meter.set(reference, request.values[i]!, rights),
        ),
      };
    case "action":
      return {
        type: "action",
        results: request.methods.map(
          (reference, i) =>
            behaviours.first(({ invoke }) => invoke?.(reference, meter)) ??
            meter.invoke(reference, request.parameters[i], rights),
        ),
      };
    default:
      return undefined;
  }
}
