import { MetergateError } from "../../../domain/errors.ts";
import { updateFirmware } from "../../../operations/configuration/update-firmware.ts";
import { execution } from "../execution.ts";
import { install } from "../install.ts";
import { readVersions } from "../versions.ts";

/** The meter fetches its firmware from its maker: what is named is the version. */
export const updateFirmwareExecution = execution(updateFirmware, {
  async run(context, { firmwareIdentification: version }) {
    if (!/^\d+(\.\d+){1,3}$/.test(version)) {
      const text = `eGauge meters fetch their firmware from their maker: name a version such as 4.7.2, not ${version}`;
      throw new MetergateError("UNKNOWN_FIRMWARE", text);
    }
    if (!(await context.noted()) && (await readVersions(context)).firmware === version) return {};
    await install(context, { target: "fw", force: false, version });
    return {};
  },
});
