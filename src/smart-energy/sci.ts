import {
  childNamed,
  childText,
  descendantsNamed,
  formatElement,
  leaf,
  node,
  parseElement,
  type RpcElement,
} from "./element.ts";
import { SmartEnergyFormatError } from "./errors.ts";

/** Where a gateway takes commands, and where it keeps what nobody has fetched. */
export type SciTarget = "RPC_request" | "RPC_response";

/** A message to one gateway through Device Cloud (SCI `send_message`). */
export interface SciRequest {
  readonly deviceId: string;
  readonly target: SciTarget;
  readonly commands: readonly RpcElement[];
  /** Whether the cloud is to answer with what the gateway says, or with the number of a job. */
  readonly isSynchronous: boolean;
  /** How long the cloud is to wait for the gateway, in seconds. */
  readonly syncTimeoutS?: number | undefined;
}

export function writeSciRequest({ deviceId, target, commands, isSynchronous, syncTimeoutS }: SciRequest): string {
  const options = {
    synchronous: String(isSynchronous),
    ...(syncTimeoutS !== undefined && { syncTimeout: String(syncTimeoutS) }),
  };
  const rci = node("rci_request", { version: "1.1" }, node("do_command", { target }, ...commands));
  const targets = node("targets", {}, leaf("device", "", { id: deviceId }));
  return formatElement(node("sci_request", { version: "1.0" }, node("send_message", options, targets, rci)));
}

/** Target of a gateway's own image. */
const OWN_IMAGE = "0";

/** Has the cloud give a gateway an image. @param data the image in base64 */
export function writeFirmwareUpdate(deviceId: string, data: string): string {
  const targets = node("targets", {}, leaf("device", "", { id: deviceId }));
  const update = node("update_firmware", { firmware_target: OWN_IMAGE }, targets, leaf("data", data));
  return formatElement(node("sci_request", { version: "1.0" }, update));
}

/** Whom an image is for, and the image in base64; undefined for another request. */
export function readFirmwareUpdate(
  root: RpcElement,
): { readonly deviceIds: readonly string[]; readonly data: string } | undefined {
  const update = root.name === "sci_request" ? childNamed(root, "update_firmware") : undefined;
  if (!update) return undefined;
  const devices = childNamed(update, "targets")?.children ?? [];
  const deviceIds = devices.map(({ attributes }) => (attributes.id ?? "").toUpperCase());
  return { deviceIds, data: childText(update, "data") ?? "" };
}

/** What came of a message for one gateway. */
export interface SciDeviceReply {
  readonly deviceId: string;
  /** The cloud could not hand the message over. */
  readonly error?: { readonly id: string; readonly text: string } | undefined;
  /** What the gateway said, in its order: responses, messages, events. */
  readonly elements: readonly RpcElement[];
  /** How many more it has to say. */
  readonly remaining: number;
  /** Whether this is what the gateway kept in its buffer. */
  readonly isBuffer: boolean;
}

export interface SciReply {
  readonly devices: readonly SciDeviceReply[];
  /** Of a job, whose result is there later. */
  readonly jobId?: string | undefined;
  /** What the cloud says of the request as a whole. */
  readonly error?: string | undefined;
  /** Of a job that was asked for: whether the cloud is done with it. */
  readonly isComplete?: boolean | undefined;
}

/** Names that only wrap what a gateway says; some releases leave some out. */
const WRAPPERS: ReadonlySet<string> = new Set(["rci_reply", "do_command", "responses"]);

/**
 * Reads what the cloud answers: a synchronous reply, the number of a job, or a job's result.
 * @throws SmartEnergyFormatError when it is none of these
 */
export function readSciReply(text: string): SciReply {
  const root = parseElement(text);
  if (root.name === "wsError" || root.name === "error") return { devices: [], error: errorText(root) };
  if (root.name !== "sci_reply" && root.name !== "result") {
    throw new SmartEnergyFormatError(`${root.name.slice(0, 50)} in place of sci_reply`);
  }
  const jobId = descendantsNamed(root, "jobId")[0]?.text.trim();
  const status = childText(root, "status");
  const devices = descendantsNamed(root, "device").filter(({ attributes }) => attributes.id !== undefined);
  const own = root.children.flatMap((child) => [child, ...child.children]).find(({ name }) => name === "error");
  return {
    devices: devices.map(readDevice),
    ...(jobId && { jobId }),
    ...(own && { error: errorText(own) }),
    ...(status !== undefined && { isComplete: status === "complete" }),
  };
}

function readDevice(device: RpcElement): SciDeviceReply {
  const error = childNamed(device, "error") ?? rciError(device);
  const remaining = Number(descendantsNamed(device, "responses")[0]?.attributes.remaining ?? 0);
  return {
    deviceId: (device.attributes.id ?? "").toUpperCase(),
    ...(error && { error: { id: error.attributes.id ?? "", text: errorText(error) } }),
    elements: unwrap(device),
    isBuffer: descendantsNamed(device, "do_command").some(({ attributes }) => attributes.target === "RPC_response"),
    remaining: Number.isSafeInteger(remaining) && remaining > 0 ? remaining : 0,
  };
}

/** The RCI layer of the gateway can refuse by itself, such as a target that it does not know. */
function rciError(device: RpcElement): RpcElement | undefined {
  const reply = childNamed(device, "rci_reply");
  const commands = reply ? reply.children.filter(({ name }) => name === "do_command") : [];
  return [...(reply ? [reply] : []), ...commands].map((each) => childNamed(each, "error")).find((each) => each);
}

function unwrap(element: RpcElement): RpcElement[] {
  return element.children.flatMap((child) => {
    if (child.name === "error" || child.name === "desc") return [];
    return WRAPPERS.has(child.name) ? unwrap(child) : [child];
  });
}

function errorText(error: RpcElement): string {
  const words = ["code", "desc", "message", "hint"].flatMap((name) => descendantsNamed(error, name));
  const text = words.map((each) => each.text.trim()).join(" ") || error.text.trim();
  return text.replace(/\s+/g, " ").slice(0, 300) || "no reason given";
}

/** A message to gateways as the cloud reads it. */
export interface ReceivedSciRequest {
  readonly deviceIds: readonly string[];
  readonly isSynchronous: boolean;
  readonly target: string;
  readonly commands: readonly RpcElement[];
}

/** @throws SmartEnergyFormatError when it is no message to gateways */
export function readSciRequest(root: RpcElement): ReceivedSciRequest {
  const message = root.name === "sci_request" ? childNamed(root, "send_message") : undefined;
  const command = message && descendantsNamed(message, "do_command")[0];
  const targets = message && childNamed(message, "targets");
  if (!message || !command || !targets) throw new SmartEnergyFormatError("no send_message with targets and a command");
  return {
    deviceIds: targets.children.map(({ attributes }) => (attributes.id ?? "").toUpperCase()),
    isSynchronous: message.attributes.synchronous?.toLowerCase() !== "false",
    target: command.attributes.target ?? "",
    commands: command.children,
  };
}
