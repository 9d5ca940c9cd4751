/** Work that goes on beside requests, as long as the service runs. */
export interface Task {
  /** A few words, unique among all; of a task that runs once, also the name of its lease. */
  readonly name: string;
  /** Whether one of all nodes does it at a time; the others stand by. It may then be started and stopped many times. */
  readonly once?: true;
  /** The port that it listens on, if it does and has opened it. */
  readonly port?: number | undefined;
  /**
   * Takes what somebody else may have, such as a port. All tasks have opened before the first one starts.
   * @throws what the system says when it cannot; the service does not start then
   */
  open?(): Promise<void>;
  /** Begins to act. */
  start?(): void | Promise<void>;
  /** Ends what `open` and `start` began, as far as they came, and resolves when nothing of it goes on. */
  stop(): Promise<void>;
}

interface OpenedPort {
  readonly port: number;
  close(): Promise<void>;
}

/** A task that consists of a port that is open. */
export function listening(name: string, open: () => Promise<OpenedPort>): Task {
  let opened: OpenedPort | undefined;
  return {
    name,
    get port() {
      return opened?.port;
    },
    async open() {
      opened = await open();
    },
    stop: async () => opened?.close(),
  };
}
