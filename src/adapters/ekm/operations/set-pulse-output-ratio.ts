import { PULSE_OUTPUT_FIELD } from "../../../ekm/unverified.ts";
import { setPulseOutputRatio } from "../../../operations/ekm/set-pulse-output-ratio.ts";
import { execution, notInV3 } from "../execution.ts";
import { fieldIs } from "../shows.ts";

export const setPulseOutputRatioExecution = execution(setPulseOutputRatio, {
  missing: notInV3("settable pulse ratios"),
  run: ({ meter }, { line, ratio }) =>
    meter.change(
      "SetPulseOutputRatio",
      { pulse_line: line, pulse_output_ratio: ratio },
      fieldIs(PULSE_OUTPUT_FIELD, ratio),
    ),
});
