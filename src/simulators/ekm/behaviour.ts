/** How a simulated cloud misbehaves; shares are from 0 to 1, of what could be so. */
export interface Behaviour {
  /** Messages of other clients before each of ours, on the same channel. */
  foreignShare: number;
  /** Answers that never come. */
  lostShare: number;
  /** Answers that come twice. */
  twiceShare: number;
  /** Answers that are delayed by `lateMs`. */
  lateShare: number;
  lateMs: number;
  /** Each answer is delayed by up to so much, so that the order is another one. */
  shuffleMs: number;
  /** How long a command takes on the bus. */
  busMs: number;
  /** Commands stay at the cloud, and expire without a word. */
  isGatewayOffline: boolean;
  expiryMs: number;
  /** Commands that are answered with this HTTP status and not handed on: the next so many. */
  refuseStatus: number;
  refuseCount: number;
  /** Commands that are handed on while the connection is cut before the answer: the next so many. */
  cutCount: number;
  /** Streams are cut in the middle of a message: the next so many messages. */
  cutStreamCount: number;
  /** Readings are those of before. */
  isStale: boolean;
  /** What stands between messages of a stream. */
  separator: string;
  /** Numbers are numbers and texts are texts. */
  isStrict: boolean;
}

export const WELL_BEHAVED: Readonly<Behaviour> = {
  foreignShare: 0,
  lostShare: 0,
  twiceShare: 0,
  lateShare: 0,
  lateMs: 90_000,
  shuffleMs: 0,
  busMs: 50,
  isGatewayOffline: false,
  expiryMs: 300_000,
  refuseStatus: 500,
  refuseCount: 0,
  cutCount: 0,
  cutStreamCount: 0,
  isStale: false,
  separator: "\n",
  isStrict: true,
};
