/** Simulated devices of one family that run. */
export interface SimulatedDevices {
  /** Where they are reached and what is there, a line for each place: `127.0.0.1:4711 a lamp`. */
  readonly places: readonly string[];
  /** Their records as in a devices file, with their keys and without owners. */
  readonly records: readonly object[];
  close(): Promise<void>;
}

/**
 * Starts those devices of a family that its documents in `samples/` are addressed to: for the demo, and for
 * `metergate simulate` with the family's name.
 * @param address where to listen; port 0 lets the system choose, and further ports follow a given one
 * @throws what the system says when a port cannot be opened
 */
export type StartSimulation = (address: { readonly host: string; readonly port: number }) => Promise<SimulatedDevices>;
