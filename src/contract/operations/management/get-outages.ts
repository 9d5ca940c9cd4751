import { getOutages } from "../../../operations/management/get-outages.ts";
import { bundleOnlyForm, nothing } from "../wire-form.ts";

export const getOutagesForm = bundleOnlyForm(getOutages, {
  element: "GetOutagesRequest",
  request: nothing,
  answer: "GetOutagesResponse",
  response: ({ outages }) => ({
    Result: "OK",
    Outages: outages.map(({ endMs, durationSeconds }) => ({ endTime: new Date(endMs), duration: durationSeconds })),
  }),
});
