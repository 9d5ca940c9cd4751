/** Work that goes on beside requests, as long as the service runs. */
export interface Task {
  /** A few words, unique among all. */
  readonly name: string;
  /** @throws what the system says when it cannot begin, such as when a port is taken */
  start(): Promise<RunningTask>;
}

export interface RunningTask {
  /** The port that it listens on, if it does. */
  readonly port?: number | undefined;
  close(): Promise<void>;
}
