import { defineOperation, type Nothing } from "../operation.ts";

/** What a device speaks from now on, such as SMR 5.2. */
export interface NewProtocol {
  readonly name: string;
  readonly version: string;
  /** None that is known has one. */
  readonly variant?: string | undefined;
}

export const updateProtocol = defineOperation<NewProtocol, Nothing>({
  name: "UpdateProtocol",
  runsOn: "platform",
  addressedTo: ["meter", "mbus-device"],
  group: "MANAGEMENT",
  effect: "writes",
  notification: "UPDATE_PROTOCOL",
  failure: "fault",
});
