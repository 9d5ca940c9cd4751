import { describeCuts } from "./cuts.ts";

describe("eGauge meters, cut after each exchange over HTTP", () => {
  describeCuts(["Reboot", "MaintainDatabase", "TestEmail", "GenerateAndReplaceKeys"]);
});
