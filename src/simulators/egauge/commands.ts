import { type Answer, NO_JSON, OK, refusal } from "./answer.ts";
import type { Operations } from "./operations.ts";
import type { Registers } from "./registers.ts";
import type { MeterState } from "./state.ts";

/** Whoever the meter can be made known to. */
export const PROVIDERS = { alert: ["Metergate Alerts"], push: ["Metergate Readings", "Other Cloud"] } as const;

const LINK_TYPES = ["ailux", "coap", "ctrlbyweb", "modbus", "po", "rtcoa", "slowd", "tcp", "tempalert", "udp"];
const MOST_CHUNK_OCTETS = 2 * 1024 * 1024;

interface Meter {
  readonly state: MeterState;
  readonly registers: Registers;
  readonly operations: Operations;
  /** When the next chunk of a backup has to be older. */
  restoring: boolean;
}

type Fields = Record<string, unknown>;
type Command = (meter: Meter, body: unknown) => Answer;

const fieldsOf = (body: unknown): Fields | undefined =>
  typeof body === "object" && body !== null && !Array.isArray(body) ? (body as Fields) : undefined;
const isStamp = (value: unknown): value is string => typeof value === "string" && /^\d+(\.\d+)?$/.test(value);
const isText = (value: unknown): value is string => typeof value === "string" && value.length > 0;
const isOptionalText = (value: unknown) => value === undefined || isText(value);
const isOptionalFlag = (value: unknown) => value === undefined || typeof value === "boolean";

/** A command that takes an object. */
function withFields(does: (meter: Meter, fields: Fields) => Answer): Command {
  return (meter, body) => {
    const fields = fieldsOf(body);
    return fields ? does(meter, fields) : refusal("The body must be an object.");
  };
}

const activate = withFields(({ state, operations }, { service, provider }) => {
  if (service !== "alert" && service !== "push") return refusal("Invalid service.");
  const known: readonly string[] = PROVIDERS[service];
  if (typeof provider !== "string" || !known.includes(provider)) return refusal("Unknown provider.");
  return operations.begin("activate", state.pace.operation, {
    phases: ["CONTACT", "REGISTER"],
    result: (share) =>
      share < 1 ? undefined : { activated: true, signup: `https://provider.example/${state.identification}` },
    finish: () => state.activated.set(service, provider),
  });
});

const clear: Command = ({ state }, body) => {
  if (body === "excess") state.excess = new Map([...state.excess.keys()].map((name) => [name, 0]));
  else if (body === "web_cache") state.webCacheFiles = 0;
  else return refusal("Invalid target.");
  return OK;
};

const db = withFields((meter, { action, from, to, regs, data, more_chunks: more }) => {
  const { registers } = meter;
  if ([from, to].some((stamp) => stamp !== undefined && !isStamp(stamp))) return refusal("Invalid time.");
  if (from !== undefined && to !== undefined && Number(from) > Number(to)) return refusal("Invalid time span.");
  const ids = regs === undefined ? registers.databaseIds : (regs as unknown[]);
  if (!Array.isArray(ids) || ids.some((id) => !registers.databaseIds.includes(id as number))) {
    return refusal("Unknown register.");
  }
  if ((action === "restore") !== (data !== undefined)) return refusal("Data belongs to restore.");
  switch (action) {
    case "zero":
      registers.zero(ids as number[]);
      return OK;
    case "split":
      registers.split();
      return OK;
    case "restore":
      if (typeof data !== "string" || !/^[0-9A-Za-z+/]+={0,2}$/.test(data) || data.length > MOST_CHUNK_OCTETS) {
        return refusal("Invalid data.");
      }
      meter.restoring = more === true;
      if (!meter.restoring) registers.restore();
      return OK;
    default:
      return refusal("Invalid action.");
  }
});

const homeplug = withFields(({ state }, { action, password, targets }) => {
  if (action !== "setpwd") return refusal("Invalid action.");
  if (typeof password !== "string" || !/^[^"\p{Cc}]{4,24}$/u.test(password)) return refusal("Invalid password.");
  const pattern = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}\/\S+$/i;
  const areTargets =
    Array.isArray(targets) && targets.length > 0 && targets.every((each) => pattern.test(String(each)));
  if (!areTargets) return refusal("Invalid targets.");
  state.homeplug = { password, targets: targets as string[] };
  return OK;
});

const setTime: Command = ({ state }, body) => {
  if (body !== null && !isStamp(body)) return refusal("Invalid time.");
  if (body !== null) state.clockAheadMs = Math.round(Number(body) * 1000 - state.trueTimeMs);
  // Time servers put it right at once, where there are some.
  else if (state.ntpServer !== "") state.clockAheadMs = 0;
  return OK;
};

const testEmail = withFields(({ state, operations }, { address, smarthost, mailuser, mailpass, fromaddr }) => {
  if (typeof address !== "string" || !address.includes("@")) return refusal("Invalid address.");
  if (![smarthost, mailuser, mailpass, fromaddr].every(isOptionalText)) return refusal("Invalid mail settings.");
  const lines = [`connecting to ${smarthost ?? "the mail exchanger"}`, `sending to ${address}`, "delivered"];
  return operations.begin("test-email", state.pace.operation, {
    result: (share) => ({ log: lines.slice(0, Math.floor(share * lines.length)).join("\n") }),
  });
});

const testRemote = withFields(({ state, operations }, { address, linktype }) => {
  if (!isText(address) || !LINK_TYPES.includes(String(linktype))) return refusal("Invalid remote device.");
  const trace = ["resolving", "connecting", "asking for registers"].map((msg, i) => ({
    dt: i * 0.25,
    msg: `${msg} ${address}`,
  }));
  const regs = [
    { name: "Remote Power", type: "P" },
    { name: "Remote Voltage", type: "V" },
  ];
  return operations.begin("test-remote", state.pace.operation, {
    result: (share) => ({ trace: trace.slice(0, Math.floor(share * trace.length)), regs: share < 1 ? [] : regs }),
  });
});

/** Whether a version is above another, number by number. */
function isNewer(version: string, than: string): boolean {
  const [a, b] = [version, than].map((each) => each.split(".").map(Number));
  for (let i = 0; i < 4; i++) {
    const [left = 0, right = 0] = [a![i], b![i]];
    if (left !== right) return left > right;
  }
  return false;
}

const update = withFields(({ state, operations }, { action, target, branch = "", force = false, version }) => {
  if (target !== "fw" && target !== "kernel") return refusal("Invalid target.");
  if (typeof branch !== "string" || !isOptionalFlag(force) || !isOptionalText(version))
    return refusal("Invalid request.");
  const newest = state.newest[branch];
  if (!newest) return refusal("Unknown branch.");
  if (action === "list") return { status: 200, body: { version: newest[target], minimum: newest.minimum } };
  if (action !== "install") return refusal("Invalid action.");
  const wanted = (version as string | undefined) ?? newest[target];
  const installed = target === "fw" ? state.firmware : state.kernel;
  const isOld = force !== true && !isNewer(wanted, installed);
  const failure = isOld ? { error: "NOT_NEWER", args: [installed, wanted] } : undefined;
  return operations.begin("update", isOld ? 0 : state.pace.install, {
    failure,
    phases: ["DOWNLOAD", "INSTALL"],
    finish: () =>
      state.reboot("update", () => {
        if (target === "fw") state.firmware = wanted;
        else state.kernel = wanted;
      }),
  });
});

const wlan = withFields(({ state }, { action, ssid, hidden = false, key, hex = false, id }) => {
  if (action === "add") {
    if (typeof ssid !== "string" || ssid === "" || /[\n\0]/.test(ssid)) return refusal("Invalid network name.");
    if (!isOptionalFlag(hidden) || !isOptionalFlag(hex) || !isOptionalText(key)) return refusal("Invalid request.");
    if (hex === true && !/^([0-9a-f]{2})+$/i.test(String(key))) return refusal("Invalid key.");
    const next = Math.max(-1, ...state.wlan.map((network) => network.id)) + 1;
    state.wlan.push({ id: next, ssid, hidden: hidden === true, secured: key !== undefined });
    state.selectedWlan = next;
  } else if (action === "select" || action === "forget") {
    if (!state.wlan.some((network) => network.id === id)) return refusal("No such network.");
    if (action === "select") state.selectedWlan = id as number;
    else state.wlan = state.wlan.filter((network) => network.id !== id);
  } else return refusal("Invalid action.");
  state.rebootPending = true;
  return OK;
});

const COMMANDS: Readonly<Record<string, Command>> = {
  activate,
  cancel: withFields(({ operations }, { token }) => operations.cancel(token)),
  clear,
  db,
  "factory-restore": ({ state }) => {
    state.reboot("factory-restore", () => state.reset());
    return OK;
  },
  homeplug,
  reboot: ({ state }) => {
    state.reboot("requested");
    return OK;
  },
  "set-time": setTime,
  "test-email": testEmail,
  "test-remote": testRemote,
  update,
  wlan,
};

/** Carries out what is posted to `/cmd/NAME`; undefined when there is no such command. */
export function command(meter: Meter, name: string, body: unknown): Answer | undefined {
  const does = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!does) return undefined;
  return body === NO_JSON ? refusal("The body is no JSON.") : does(meter, body);
}
