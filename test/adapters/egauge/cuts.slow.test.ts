import { describeCuts } from "./cuts.ts";

describe("eGauge meters, cut after each exchange of every operation over HTTP", () => {
  describeCuts();
});
