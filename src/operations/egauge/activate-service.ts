import { defineOperation } from "../operation.ts";

export interface ServiceProvider {
  readonly service: "alert" | "push";
  /** As the meter's list of providers calls it. */
  readonly provider: string;
}

export interface Activation {
  readonly activated: boolean;
  /** Where somebody has to sign up before the service works. */
  readonly signupUrl?: string | undefined;
}

/** Makes an eGauge meter known to whoever takes its alerts or its readings. The same again changes nothing. */
export const activateService = defineOperation<ServiceProvider, Activation>({
  name: "ActivateService",
  group: "CONFIGURATION",
  effect: "writes",
  notification: "ACTIVATE_SERVICE",
  failure: "fault",
});
