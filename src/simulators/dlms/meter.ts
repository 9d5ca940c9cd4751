import type {
  ActionResponse,
  AttributeReference,
  DataAccessResult,
  GetResult,
  MethodReference,
  SelectiveAccess,
} from "../../dlms/apdu.ts";
import type { CosemData } from "../../dlms/data.ts";
import { InvocationCounter } from "../../dlms/invocation-counter.ts";
import { CipherKeys } from "../../dlms/security.ts";
import type { Clock } from "../../lib/clock.ts";
import type { ObisCode } from "../../lib/obis.ts";
import type { Random } from "../../lib/random.ts";
import { BehaviourStack } from "./behaviour.ts";
import { clockZone } from "./classes/clock.ts";
import type { Attribute, CosemObject } from "./cosem-object.ts";
import { SimulatorError } from "./errors.ts";
import type { MbusDevice } from "./mbus-device.ts";
import type { MeterKeys } from "./meter-keys.ts";
import { dateTimeAt, type ZoneRules } from "./meter-time.ts";
import type { MeterProfile } from "./profiles/profile.ts";
import { fitsShape } from "./shape.ts";
import { logicalNameOctets, NULL_DATA, octetString, structure } from "./values.ts";

/** How a management client must secure its association. */
export type MeterSecurity = "none" | "lls1" | "hls5";

/** What an association may do: everything, or only read. */
export type Rights = "all" | "read";

/** Whom a meter is talking to. */
export interface Asker {
  /** Client SAP. */
  readonly client: number;
  readonly rights: Rights;
  readonly security: MeterSecurity;
}

export interface MeterDescription {
  /** Device identification, which is also the 17-character equipment identifier that pushes carry. */
  readonly identification: string;
  readonly profile: MeterProfile;
  readonly security: MeterSecurity;
  /** Logical device, 1 … 65535: the wrapper's destination wPort or the HDLC server address. */
  readonly logicalDevice: number;
  /** 8 octets. Unique among meters that share a key: system title and counter together are the GCM nonce. */
  readonly systemTitle: Uint8Array;
  readonly keys: MeterKeys;
  /** By channel, 1 … 4. */
  readonly mbusDevices: ReadonlyMap<number, MbusDevice>;
  readonly clock: Clock;
  readonly random: Random;
}

/** A key under which object logic keeps state of its own on a meter, made when first asked for. */
export interface StateKey<T> {
  readonly create: (meter: Meter) => T;
}

/**
 * One simulated meter: a profile that many meters share, and what this one holds differently. It knows no socket and
 * no association; reading costs no memory, and only what was written is kept.
 */
export class Meter {
  readonly description: MeterDescription;
  /** Counts what the meter ciphers with its present unicast key, in all associations and pushes. */
  invocationCounter = new InvocationCounter(0);
  #keys: MeterKeys;
  #cipherKeys: CipherKeys | undefined;
  /** What the meter's clock is ahead of the real time, in milliseconds. */
  clockOffsetMs = 0;
  /**
   * Lowest invocation counter that the management client may use with the present unicast key; the meter shows it
   * at 0.0.43.1.0.255.
   */
  expectedInvocationCounter: number;
  /** System title of the client of the latest association that sent one; 8 octets or none. */
  clientSystemTitle: Uint8Array = new Uint8Array(0);
  /** Who asks at present; undefined when it is the simulation itself. */
  asker: Asker | undefined;
  /** Connections on which a client has sent something to this meter. */
  openConnections = 0;
  /** When the simulation of this meter began, epoch milliseconds. */
  readonly startedAtMs: number;
  readonly behaviours = new BehaviourStack();
  /** Pushes that the meter's own logic asks for; see push.ts. */
  onPush: (logicalName: ObisCode) => void = () => {};
  #stagedKeys: Partial<MeterKeys> | null = null;
  readonly #values = new Map<Attribute, CosemData>();
  readonly #states = new Map<StateKey<unknown>, unknown>();

  constructor(description: MeterDescription) {
    this.description = description;
    this.#keys = description.keys;
    this.startedAtMs = description.clock.now();
    this.expectedInvocationCounter = description.profile.initialInvocationCounter;
  }

  get profile(): MeterProfile {
    return this.description.profile;
  }

  /** Keys in force. */
  get keys(): MeterKeys {
    return this.#keys;
  }

  /** The keys in force, as ciphering takes them. */
  get cipherKeys(): CipherKeys {
    this.#cipherKeys ??= new CipherKeys(this.#keys.encryptionUnicast, this.#keys.authentication);
    return this.#cipherKeys;
  }

  get random(): Random {
    return this.description.random;
  }

  /** The meter's own time, epoch milliseconds. */
  nowMs(): number {
    return this.description.clock.now() + this.clockOffsetMs;
  }

  get zone(): ZoneRules {
    return clockZone(this);
  }

  /** A moment as this meter shows it. */
  dateTime(atMs: number): CosemData {
    return octetString(dateTimeAt(atMs, this.zone));
  }

  /** The stored value, or the one that the meter was delivered with. */
  value(attribute: Attribute): CosemData {
    const stored = this.#values.get(attribute);
    if (stored) return stored;
    return typeof attribute.initial === "function" ? attribute.initial(this) : attribute.initial;
  }

  store(attribute: Attribute, value: CosemData): void {
    this.#values.set(attribute, value);
    attribute.changed?.(this, value);
  }

  state<T>(key: StateKey<T>): T {
    let state = this.#states.get(key) as T | undefined;
    if (state === undefined) {
      state = key.create(this);
      this.#states.set(key, state);
    }
    return state;
  }

  /** Keeps new keys until `commitKeys`: the answer to a key transfer still goes out under the old ones. */
  stageKeys(keys: Partial<MeterKeys>): void {
    this.#stagedKeys = { ...this.#stagedKeys, ...keys };
  }

  /**
   * Puts staged keys in force; a new unicast key starts with a new counter.
   * @returns whether keys have changed.
   */
  commitKeys(): boolean {
    if (!this.#stagedKeys) return false;
    if (this.#stagedKeys.encryptionUnicast) {
      this.expectedInvocationCounter = 0;
      this.invocationCounter = new InvocationCounter(0);
    }
    this.#keys = { ...this.#keys, ...this.#stagedKeys };
    this.#cipherKeys = undefined;
    this.#stagedKeys = null;
    return true;
  }

  /** Answers GET of one attribute; attribute 0 gives all that can be read, as a structure. */
  get(reference: AttributeReference): GetResult {
    const object = this.#find(reference);
    if (typeof object === "string") return { error: object };
    const { attribute: id, access } = reference;
    if (id === 0) return { data: this.#allAttributes(object) };
    if (id === 1) return { data: logicalNameOctets(object.logicalName) };
    const attribute = object.attributes.get(id);
    if (!attribute || attribute.access === "write") return { error: "read-write-denied" };
    if (access && !attribute.selectors?.includes(access.selector)) return { error: "scope-of-access-violated" };
    return this.#readAttribute(attribute, access);
  }

  /** Answers SET of one attribute. */
  set(reference: AttributeReference, value: CosemData, rights: Rights): DataAccessResult {
    const object = this.#find(reference);
    if (typeof object === "string") return object;
    const attribute = object.attributes.get(reference.attribute);
    if (!attribute || attribute.access === "read" || rights === "read") return "read-write-denied";
    return this.#change(attribute, value);
  }

  /** Answers ACTION. */
  invoke(reference: MethodReference, parameters: CosemData | undefined, rights: Rights): ActionResponse {
    const object = this.#find(reference);
    if (typeof object === "string") return { result: object };
    const method = object.methods.get(reference.method);
    if (!method || rights === "read") return { result: "read-write-denied" };
    const parameter = parameters ?? NULL_DATA;
    if (!fitsShape(parameter, method.parameter)) return { result: "type-unmatched" };
    const answer = method.invoke(this, parameter);
    return typeof answer === "string" ? { result: answer } : answer;
  }

  /**
   * Looks at an attribute past its access rights, as an operator of the simulation.
   * @throws SimulatorError when there is no such attribute, or its value cannot be computed.
   */
  read(classId: number, logicalName: ObisCode, attribute: number): CosemData {
    if (attribute === 1) return logicalNameOctets(this.#objectFor(classId, logicalName).logicalName);
    const result = this.#readAttribute(this.#attributeFor(classId, logicalName, attribute), undefined);
    if ("data" in result) return result.data;
    throw new SimulatorError(
      "simulator/unknown-object",
      `${classId}/${logicalName}/${attribute} answers ${result.error}`,
    );
  }

  /**
   * Arranges an attribute past its access rights and past the object's own judgement; the type must fit.
   * @throws SimulatorError when there is no such attribute or the value does not have its type.
   */
  write(classId: number, logicalName: ObisCode, attribute: number, value: CosemData): void {
    const found = this.#attributeFor(classId, logicalName, attribute);
    if (!fitsShape(value, found.shape)) {
      throw new SimulatorError(
        "simulator/invalid-value",
        `${value.type} is not the type of ${classId}/${logicalName}/${attribute}`,
      );
    }
    this.store(found, value);
  }

  #find(reference: { classId: number; logicalName: ObisCode }) {
    const object = this.profile.objects.get(reference.logicalName);
    if (!object) return "object-undefined";
    return object.classId === reference.classId ? object : "object-class-inconsistent";
  }

  #objectFor(classId: number, logicalName: ObisCode): CosemObject {
    const object = this.#find({ classId, logicalName });
    if (typeof object !== "string") return object;
    throw new SimulatorError(
      "simulator/unknown-object",
      `${this.description.identification} has no object ${classId}/${logicalName}`,
    );
  }

  #attributeFor(classId: number, logicalName: ObisCode, id: number): Attribute {
    const attribute = this.#objectFor(classId, logicalName).attributes.get(id);
    if (attribute) return attribute;
    throw new SimulatorError("simulator/unknown-object", `${classId}/${logicalName} has no attribute ${id}`);
  }

  #readAttribute(attribute: Attribute, access: SelectiveAccess | undefined): GetResult {
    return attribute.read ? attribute.read(this, access) : { data: this.value(attribute) };
  }

  #change(attribute: Attribute, value: CosemData): DataAccessResult {
    if (!fitsShape(value, attribute.shape)) return "type-unmatched";
    const verdict = attribute.check?.(this, value) ?? "success";
    if (verdict === "success") this.store(attribute, value);
    return verdict;
  }

  #allAttributes(object: CosemObject): CosemData {
    const values = [logicalNameOctets(object.logicalName)];
    for (const attribute of object.attributes.values()) {
      const result: GetResult =
        attribute.access === "write" ? { error: "read-write-denied" } : this.#readAttribute(attribute, undefined);
      values.push("data" in result ? result.data : NULL_DATA);
    }
    return structure(...values);
  }
}
