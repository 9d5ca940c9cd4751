import { setPulseInputRatio } from "../../../operations/ekm/set-pulse-input-ratio.ts";
import { execution, notInV3 } from "../execution.ts";
import { fieldIs } from "../shows.ts";

export const setPulseInputRatioExecution = execution(setPulseInputRatio, {
  missing: notInV3("settable pulse ratios"),
  run: ({ meter }, { line, ratio }) =>
    meter.change(
      "SetPulseInputRatio",
      { pulse_line: line, pulse_input_ratio: ratio },
      fieldIs(`Pulse_Ratio_${line}`, ratio),
    ),
});
