/** What a failure of the simulator means to its caller; `code` is stable. */
const SIMULATOR_ERROR_CODES = {
  "simulator/unknown-profile": "There is no companion standard of that name and version.",
  "simulator/unknown-meter": "No meter with that identification is simulated here.",
  "simulator/unknown-object": "The meter has no such object or attribute.",
  "simulator/invalid-option": "An option is out of its range, or two options contradict each other.",
  "simulator/invalid-value": "A JSON value is no COSEM data, or does not have the attribute's type.",
  "simulator/no-destination": "The push setup holds no destination and none was given.",
} as const;

export type SimulatorErrorCode = keyof typeof SIMULATOR_ERROR_CODES;

/** The only error that the simulator throws at those who operate it; what a meter's client does wrong is answered on the wire. */
export class SimulatorError extends Error {
  readonly code: SimulatorErrorCode;

  constructor(code: SimulatorErrorCode, message: string) {
    super(message);
    this.name = "SimulatorError";
    this.code = code;
  }
}
