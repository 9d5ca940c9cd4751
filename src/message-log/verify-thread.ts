import { parentPort, workerData } from "node:worker_threads";
import type { Manifest } from "./bundle-format.ts";
import { type Segment, verifySegment } from "./entry-segments.ts";

/** What a thread is to verify. */
export interface SegmentToVerify {
  readonly directory: string;
  readonly manifest: Manifest;
  readonly size: number;
  readonly segment: Segment;
}

if (parentPort) {
  const { directory, manifest, size, segment } = workerData as SegmentToVerify;
  parentPort.postMessage(verifySegment(directory, manifest, size, segment));
}
