import { refuse } from "../checks.ts";
import { defineOperation } from "../operation.ts";

export interface SoftwareUpdate {
  readonly action: "list" | "install";
  readonly target: "fw" | "kernel";
  /** Empty: the default one. Absent: that of the software that runs. */
  readonly branch?: string | undefined;
  /** Also when it is not newer. */
  readonly force: boolean;
  /** The newest when absent. */
  readonly version?: string | undefined;
}

export interface SoftwareVersions {
  /** Of a list. */
  readonly newest?: string | undefined;
  readonly minimum?: string | undefined;
  /** Of an installation: what runs afterwards. */
  readonly installed?: string | undefined;
}

/** Asks what software there is for an eGauge meter, or has it install some; its maker's servers have it. */
export const updateSoftware = defineOperation<SoftwareUpdate, SoftwareVersions>({
  name: "UpdateSoftware",
  group: "FIRMWARE",
  effect: "moves",
  notification: "UPDATE_SOFTWARE",
  failure: "fault",
  isDangerous: ({ action }) => action === "install",
  check({ action, force, version }) {
    if (action === "list" && (force || version !== undefined)) refuse("Force and Version are for INSTALL");
  },
});
