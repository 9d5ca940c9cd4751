import type { CosemData } from "../../dlms/data.ts";
import { type ObisCode, parseObis } from "../../lib/obis.ts";
import type { BehaviourStack } from "./behaviour.ts";
import { logPowerFailure } from "./events.ts";
import type { Meter } from "./meter.ts";
import type { MeterKeys } from "./meter-keys.ts";
import { messageOf, type PushMessage, type PushTarget, raiseAlarm, sendPush, targetOf } from "./push.ts";

const PUSH_SETUP_ALARM = parseObis("0.1.25.9.0.255");
const PUSH_SETUP_UDP = parseObis("0.3.25.9.0.255");
const LAST_GASP_REGISTER = 3;

/** A meter that can be reached: what a test holds to arrange and inspect it. */
export class SimulatedMeter {
  readonly meter: Meter;
  readonly host: string;
  readonly port: number;

  constructor(meter: Meter, host: string, port: number) {
    this.meter = meter;
    this.host = host;
    this.port = port;
    // A meter whose push does not arrive tells nobody.
    meter.onPush = (pushSetup) => void this.push(pushSetup).catch(() => {});
  }

  get identification(): string {
    return this.meter.description.identification;
  }

  get behaviours(): BehaviourStack {
    return this.meter.behaviours;
  }

  /** Keys in force. */
  get keys(): MeterKeys {
    return this.meter.keys;
  }

  /** See Meter.read. */
  read(classId: number, logicalName: ObisCode, attribute: number): CosemData {
    return this.meter.read(classId, logicalName, attribute);
  }

  /** See Meter.write. */
  write(classId: number, logicalName: ObisCode, attribute: number, value: CosemData): void {
    this.meter.write(classId, logicalName, attribute, value);
  }

  /**
   * Sends what a push setup sends, or another message, to where the push setup says, or to another target.
   * @throws SimulatorError `simulator/no-destination`; MetergateError when the target cannot be reached.
   */
  async push(
    pushSetup: ObisCode = PUSH_SETUP_ALARM,
    message: PushMessage = messageOf(this.meter, pushSetup),
    target: PushTarget = targetOf(this.meter, pushSetup),
  ): Promise<void> {
    await sendPush(this.meter, message, target);
  }

  /** The power comes back after a failure of so many seconds, 1 … 2^32 − 1: the logs tell of it. */
  powerFailure(seconds: number): void {
    logPowerFailure(this.meter, seconds);
  }

  /** Sets bits of alarm register 1, 2 or 3, and pushes when the filter lets them; see `push`. */
  async raiseAlarm(register: number, bits: number): Promise<void> {
    if (!raiseAlarm(this.meter, register, bits)) return;
    await this.push(register === LAST_GASP_REGISTER ? PUSH_SETUP_UDP : PUSH_SETUP_ALARM);
  }
}
