/**
 * What no published source of the gateways' interface states outright, each with what is taken instead. Whoever learns
 * better corrects it here.
 */
export const UNVERIFIED = {
  /** ZCL status of a cancel that breaks the rule of classes or of groups. */
  cancelAgainstRule: 0x85,
  /** ZCL status of a cancel for an event that is not stored. */
  cancelOfUnknown: 0x8b,
  /** ZCL status of an event that cannot be: a field out of range, or an end in the past. */
  invalidEvent: 0x85,
  /** ZCL status of a command for a cluster that the endpoint does not have. */
  clusterMissing: 0xc3,
  /** ZCL status of a price or message that overlaps one that is stored, on a gateway that refuses it. */
  overlap: 0x85,
  /** What `cancel_control` is for a cancel of all events that does not say. */
  cancelAllControl: 0x01,
  /** Minutes of a price or message that stays until another takes its place. */
  openDuration: 0xffff,
  /** Interval of a profile that the meter has no value for. */
  missingInterval: 0xff_ffff,
  /** Status that an appliance reports at a moment that it does not know. */
  unknownTime: 0xffff_ffff,
  /** Events that a list of a gateway has room for. */
  capacity: 32,
  /** `alternate_cost_unit` when a request does not say. */
  alternateCostUnit: 0x01,
} as const;
