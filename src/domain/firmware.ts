/** A firmware image with what says whom it is for. */
export interface FirmwareImage {
  readonly identification: string;
  /** Lower-case hexadecimal SHA-256 of `image`. */
  readonly sha256: string;
  readonly image: Uint8Array;
  /** Absent for images that name themselves. */
  readonly imageIdentifier?: Uint8Array | undefined;
  /** Device models that may get it. */
  readonly models: readonly string[];
}

/** How far a meter has come with an image. */
export interface FirmwareTransfer {
  /** The meter that is connected to. */
  readonly device: string;
  /** Whom the image is for: the meter itself or an M-Bus device behind it. */
  readonly target: string;
  /** Of the image, as lower-case hexadecimal digits. */
  readonly sha256: string;
  readonly blocksDone: number;
  readonly blocksTotal: number;
  /** Epoch milliseconds. */
  readonly updatedMs: number;
}
