import { clearData } from "../../../operations/egauge/clear-data.ts";
import { execution } from "../execution.ts";

export const clearDataExecution = execution(clearData, {
  async run({ meter }, { data }) {
    await meter.call({ method: "POST", path: "/cmd/clear", body: data });
    return {};
  },
});
