import { setHomeplugPassword } from "../../../operations/egauge/set-homeplug-password.ts";
import { execution } from "../execution.ts";
import { openText } from "../secrets.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const PASSWORD_TEXT = /^[^"\u0000-\u001f\u007f]{4,24}$/u;
const DEVICE_KEY_TEXT = /^[!-~]{4,64}$/;

export const setHomeplugPasswordExecution = execution(setHomeplugPassword, {
  async run({ meter, platformKeys }, { password, targets }) {
    const body = {
      action: "setpwd",
      password: openText(platformKeys, password, "Password", PASSWORD_TEXT),
      targets: targets.map(
        ({ macAddress, deviceKey }) =>
          `${macAddress}/${openText(platformKeys, deviceKey, "EncryptionKey", DEVICE_KEY_TEXT)}`,
      ),
    };
    await meter.call({ method: "POST", path: "/cmd/homeplug", body });
    return {};
  },
});
