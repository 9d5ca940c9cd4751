import type { Random } from "../../lib/random.ts";
import type { RecordValues } from "../../smart-energy/records.ts";
import { fromUtc2000, type MacText, toUtc2000 } from "../../smart-energy/values.ts";
import { type Entry, entryOf, overlap } from "./entry.ts";
import type { Schedule } from "./schedule.ts";

export interface NodeDescription {
  readonly mac: MacText;
  readonly endpoint: number;
  /** Bits of its device class; 0 for one that takes no part in load control. */
  readonly deviceClass: number;
  readonly enrollmentGroup: number;
  /** Most minutes by which it begins, and ends, later than an event that asks for it. */
  readonly startRandomisation: number;
  readonly endRandomisation: number;
  /** Shows messages, and confirms those that want it after so many milliseconds; undefined without a display. */
  readonly confirmsAfterMs?: number | undefined;
  /**
   * How it takes what is doubtful. `refusing`: a cancel of an unknown event is 0xFD, one for later is kept. `simple`: it is
   * 0xFE, and one for later is refused, so that the event goes on.
   */
  readonly model?: "refusing" | "simple";
}

export const NODE_DEFAULTS = {
  ...{ endpoint: 1, deviceClass: 0x0fff, enrollmentGroup: 0, startRandomisation: 30, endRandomisation: 0 },
} as const;

/** What an appliance reports of an event. */
const REPORT = {
  ...{ received: 0x01, started: 0x02, completed: 0x03, optedOut: 0x04, optedIn: 0x05, cancelled: 0x06 },
  ...{ superseded: 0x07, partlyOptedOut: 0x08, partlyOptedIn: 0x09, neverTookPart: 0x0a, invalidCancel: 0xf8 },
  ...{ invalidCancelTime: 0xf9, expired: 0xfb, undefinedEvent: 0xfd, rejected: 0xfe },
} as const;

/** What a node says to its gateway. */
export interface NodePort {
  report(node: SimulatedNode, values: RecordValues): void;
  confirm(node: SimulatedNode, messageId: number): void;
}

/** An event on an appliance. */
interface Held extends Entry {
  /** Bits of its class that this event acts on. */
  classes: number;
  /** Before any delay of its own. */
  readonly namedStartMs: number;
  hasStarted: boolean;
  /** Whether the load ever followed it. */
  hasActed: boolean;
  isOptedOut: boolean;
  hasOptedIn: boolean;
  /** What the end is called, when it is not the natural one. */
  readonly calledOff: (() => void)[];
}

/** An appliance on the network of a gateway, which acts on events by the rules for clients. */
export class SimulatedNode {
  readonly description: NodeDescription;
  readonly #schedule: Schedule;
  readonly #random: Random;
  readonly #port: NodePort;
  #held: Held[] = [];
  /** Whether it is there at all. */
  isOnline = true;
  /** Whether the gateway counts it as active: what just lost power still is. */
  isKnownActive = true;

  constructor(description: NodeDescription, parts: { schedule: Schedule; random: Random; port: NodePort }) {
    this.description = description;
    this.#schedule = parts.schedule;
    this.#random = parts.random;
    this.#port = parts.port;
  }

  /** Numbers of the events that it acts on now. */
  get acting(): readonly number[] {
    return this.#held.filter(({ hasStarted, isOptedOut }) => hasStarted && !isOptedOut).map(({ id }) => id);
  }

  receiveEvent(values: RecordValues): void {
    const classes = this.#classesOf(values);
    if (!this.isOnline || classes === 0) return;
    const schedule = this.#schedule;
    const { description } = this;
    const natural = entryOf(values, "issuer_event_id", schedule.nowMs());
    if (natural.endMs <= schedule.nowMs()) {
      this.#report(natural, REPORT.expired);
      return;
    }
    if (this.#held.some(({ id }) => id === natural.id)) return;
    const control = Number(values.event_control ?? 0);
    const startMs = natural.startMs + (control & 1 ? this.#delayMs(description.startRandomisation) : 0);
    const endMs = natural.endMs + (control & 2 ? this.#delayMs(description.endRandomisation) : 0);
    const flags = {
      namedStartMs: natural.startMs,
      hasStarted: false,
      hasActed: false,
      isOptedOut: false,
      hasOptedIn: false,
    };
    const event: Held = { ...natural, startMs, endMs, classes, ...flags, calledOff: [] };
    const rivals = this.#held.filter((other) => other.classes & classes && overlap(other, event));
    if (rivals.some((other) => other.classes === classes && event.namedStartMs < other.namedStartMs)) {
      this.#report(event, REPORT.rejected);
      return;
    }
    this.#held.push(event);
    this.#report(event, REPORT.received);
    event.calledOff.push(schedule.at(startMs, () => this.#begin(event)));
    event.calledOff.push(schedule.at(endMs, () => this.#complete(event)));
  }

  receiveCancel(values: RecordValues): void {
    if (!this.isOnline) return;
    const id = Number(values.issuer_event_id);
    const event = this.#held.find((each) => each.id === id);
    const isSimple = this.description.model === "simple";
    if (!event) {
      if (this.#classesOf(values) === 0) return;
      this.#reportOf(values, isSimple ? REPORT.rejected : REPORT.undefinedEvent);
      return;
    }
    const group = Number(values.utility_enrollment_group ?? 0);
    const asked = Number(event.values.device_class);
    const isCovered = (asked & ~Number(values.device_class)) === 0;
    const isItsGroup = group === 0 || group === Number(event.values.utility_enrollment_group);
    if (!isCovered || !isItsGroup) return;
    const effective = Number(values.effective_time ?? 0);
    if (effective !== 0 && isSimple) {
      this.#report(event, REPORT.invalidCancel);
      return;
    }
    const atMs = effective === 0 ? this.#schedule.nowMs() : fromUtc2000(effective);
    if (atMs > event.endMs) {
      this.#report(event, REPORT.invalidCancelTime);
      return;
    }
    this.#cancel(event, atMs, Number(values.cancel_control ?? 1));
  }

  receiveCancelAll(values: RecordValues): void {
    if (!this.isOnline || this.description.deviceClass === 0) return;
    if (this.#held.length === 0) {
      this.#reportOf({ issuer_event_id: 0xffff_ffff }, REPORT.invalidCancel);
      return;
    }
    const control = Number(values.cancel_control ?? 1);
    for (const event of [...this.#held]) this.#cancel(event, this.#schedule.nowMs(), control);
  }

  receiveMessage(values: RecordValues): void {
    const { confirmsAfterMs } = this.description;
    if (!this.isOnline || confirmsAfterMs === undefined || !(Number(values.message_control ?? 0) & 0x80)) return;
    const { id, startMs } = entryOf(values, "message_id", this.#schedule.nowMs());
    this.#schedule.at(Math.max(startMs, this.#schedule.nowMs()) + confirmsAfterMs, () => {
      if (this.isOnline) this.#port.confirm(this, id);
    });
  }

  /** What its user decides about an event; nothing happens when it has none of this number. */
  opt(id: number, isIn: boolean): void {
    const event = this.#held.find((each) => each.id === id);
    if (!event || event.isOptedOut !== isIn) return;
    event.isOptedOut = !isIn;
    if (isIn) {
      event.hasOptedIn = true;
      event.hasActed ||= event.hasStarted;
    }
    this.#report(event, isIn ? REPORT.optedIn : REPORT.optedOut);
  }

  #classesOf(values: RecordValues): number {
    const { deviceClass, enrollmentGroup } = this.description;
    const group = Number(values.utility_enrollment_group ?? 0);
    if (group !== 0 && group !== enrollmentGroup) return 0;
    return deviceClass & Number(values.device_class ?? 0x0fff);
  }

  #delayMs(mostMinutes: number): number {
    const [a = 0, b = 0] = this.#random.bytes(2);
    return Math.floor(((a * 256 + b) / 65_536) * mostMinutes * 60_000);
  }

  /** Begins to act; what acted on the same of its load before stops. */
  #begin(event: Held): void {
    for (const other of this.#held.filter(
      (each) => each !== event && each.hasStarted && each.classes & event.classes,
    )) {
      other.classes &= ~event.classes;
      if (other.classes === 0) this.#end(other, REPORT.superseded);
    }
    event.hasStarted = true;
    if (event.isOptedOut) return;
    event.hasActed = true;
    this.#report(event, REPORT.started);
  }

  #complete(event: Held): void {
    const { isOptedOut, hasOptedIn, hasActed } = event;
    if (isOptedOut) this.#end(event, hasActed ? REPORT.partlyOptedOut : REPORT.neverTookPart);
    else this.#end(event, hasOptedIn ? REPORT.partlyOptedIn : REPORT.completed);
  }

  #cancel(event: Held, atMs: number, control: number): void {
    const isRandom = (control & 1) !== 0 && (Number(event.values.event_control ?? 0) & 2) !== 0;
    const endMs = atMs + (isRandom ? this.#delayMs(this.description.endRandomisation) : 0);
    if (endMs <= this.#schedule.nowMs()) {
      this.#end(event, REPORT.cancelled);
      return;
    }
    event.endMs = endMs;
    event.calledOff.push(this.#schedule.at(endMs, () => this.#end(event, REPORT.cancelled)));
  }

  #end(event: Held, status: number): void {
    if (!this.#held.includes(event)) return;
    this.#held = this.#held.filter((each) => each !== event);
    for (const callOff of event.calledOff) callOff();
    this.#report(event, status);
  }

  #report({ id, values }: Entry, status: number): void {
    this.#reportOf({ ...values, issuer_event_id: id }, status);
  }

  #reportOf(values: RecordValues, status: number): void {
    if (!this.isOnline) return;
    const applied = (name: string, unused: number) => values[name] ?? unused;
    this.#port.report(this, {
      issuer_event_id: values.issuer_event_id!,
      event_status: status,
      event_status_time: toUtc2000(this.#schedule.nowMs()),
      criticality_level_applied: applied("criticality_level", 0),
      cooling_temperature_set_point_applied: applied("cooling_temperature_set_point", -0x8000),
      heating_temperature_set_point_applied: applied("heating_temperature_set_point", -0x8000),
      average_load_adjustment_percentage_applied: applied("average_load_adjustment_percentage", -0x80),
      duty_cycle_applied: applied("duty_cycle", 0xff),
      event_control: applied("event_control", 0),
      signature_type: 0,
      signature: new Uint8Array(42).fill(0xff),
    });
  }
}
