import { MetergateError } from "../../../domain/errors.ts";
import type { FromMeter, ToMeter } from "../../../operations/smart-energy.ts";
import { isFrom, USUAL_ENDPOINT } from "../../../smart-energy/commands.ts";
import { childText, leaf, type RpcElement } from "../../../smart-energy/element.ts";
import { REQUEST_STYLE, writeRecord } from "../../../smart-energy/records.ts";
import { formatMac, parseMac } from "../../../smart-energy/values.ts";
import { asSmartEnergyDevice, isGateway } from "../device.ts";
import type { OperationContext } from "../execution.ts";
import type { RecordCodec } from "../records/record-codec.ts";
import { endpointParameter, numberIn, requireRecordOf } from "./replies.ts";

/** A command that a gateway passes to a meter, with what is asked and what is answered. */
export interface MeterCommand<Asked, Answered> {
  readonly command: string;
  readonly asks: RecordCodec<Asked>;
  readonly answers: RecordCodec<Answered>;
}

/** @throws MetergateError VALIDATION_ERROR when the gateway's release has to be told more than it was */
export async function askMeter<Asked, Answered>(
  context: OperationContext,
  { command, asks, answers }: MeterCommand<Asked, Answered>,
  request: ToMeter & { readonly record: Asked },
): Promise<FromMeter & { readonly record: Answered }> {
  const record = writeRecord(asks.encode(request.record), asks.name, REQUEST_STYLE);
  const content = [...addressOf(context, request), record];
  const answer = await context.ask({ command, content, name: `${context.actionId}/${context.attempt}` });
  const address = parseMac(childText(answer, "source_address") ?? "");
  return {
    meterAddress: address,
    meterEndpoint: numberIn(answer, "source_endpoint_id"),
    endpoint: numberIn(answer, "destination_endpoint_id"),
    record: requireRecordOf(answer, answers),
  };
}

/** Which meter is meant: the one that the request names, or the device that it is addressed to. */
export function addressOf({ target, release }: OperationContext, request: ToMeter): RpcElement[] {
  const own = isGateway(target) ? undefined : asSmartEnergyDevice(target).smartEnergy;
  const node = own && "address" in own ? own : undefined;
  const address = request.meterAddress ?? node?.address;
  const endpoint = request.meterEndpoint ?? node?.endpoint;
  const isOld = !isFrom(release, "1.4");
  if (isOld && endpoint === undefined) {
    throw new MetergateError(
      "VALIDATION_ERROR",
      `MeterEndpoint must be given: release ${release} finds none by itself`,
    );
  }
  const source = request.endpoint ?? (isOld && address !== undefined ? USUAL_ENDPOINT : undefined);
  return [
    ...(address === undefined ? [] : [leaf("destination_address", formatMac(address), { type: "MAC" })]),
    ...endpointParameter(endpoint, "destination_endpoint_id"),
    ...endpointParameter(source),
  ];
}
