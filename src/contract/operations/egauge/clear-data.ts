import { clearData } from "../../../operations/egauge/clear-data.ts";
import { done, wireForm } from "../wire-form.ts";

export const clearDataForm = wireForm(clearData, "egauge-commands:ClearData", {
  request: ({ Data }) => ({ data: Data === "EXCESS" ? "excess" : "web_cache" }),
  response: done,
});
