import { type Answer, OK, refusal, result } from "./answer.ts";
import { PROVIDERS } from "./commands.ts";
import { type MeterState, stampOf, type User } from "./state.ts";

/** What can be looked at, wrapped as a result. */
const SYSTEM: Readonly<Record<string, (state: MeterState) => unknown>> = {
  "/sys/time": (state) => state.stamp,
  "/sys/version": ({ firmware, kernel }) => ({ firmware, hardware: "EG4030", kernel }),
  "/sys/sn": ({ identification }) => identification,
  "/sys/model": () => "EG4030",
  "/sys/uptime": (state) => stampOf(state.uptime * 1000),
  "/sys/reboot": ({ rebootPending }) => rebootPending,
  "/sys/boot": (state) => ({ reason: state.bootReason, time: stampOf(state.trueTimeMs - state.uptime * 1000) }),
  "/sys/net/wlan": ({ wlan, selectedWlan }) => ({
    networks: wlan.map(({ id, ssid, hidden, secured }) => ({
      id,
      ssid,
      hidden,
      secured,
      selected: id === selectedWlan,
    })),
  }),
  "/config/time/zone": ({ zone }) => zone,
  "/config/net/ntp/server": ({ ntpServer }) => ntpServer,
  "/config/user": ({ users }) =>
    Object.fromEntries([...users].map(([name, { privileges }]) => [name, { priv: privileges }])),
};

export function look(state: MeterState, path: string): Answer | undefined {
  const provided = /^\/providers\/(alert|push)$/.exec(path)?.[1] as keyof typeof PROVIDERS | undefined;
  if (provided) {
    const providers = PROVIDERS[provided].map((name) => ({ name, control: `https://provider.example/${provided}` }));
    return { status: 200, body: { providers } };
  }
  const excess = /^\/sys\/team\/reg\/([^/]+)\/excess$/.exec(path)?.[1];
  if (excess !== undefined) return result(state.excess.get(decodeURIComponent(excess)));
  const show = Object.hasOwn(SYSTEM, path) ? SYSTEM[path] : undefined;
  return show && result(show(state));
}

/** `CET-1CEST,M3.5.0,M10.5.0/3`: two names with their distances, and when clocks are changed. */
const OFFSET = String.raw`[+-]?\d{1,2}(:[0-5]\d){0,2}`;
const RULE = String.raw`,(M([1-9]|1[0-2])\.[1-5]\.[0-6]|J\d{1,3}|\d{1,3})(/${OFFSET})?`;
const POSIX_ZONE = new RegExp(`^[A-Za-z]{3,}${OFFSET}([A-Za-z]{3,}(${OFFSET})?(${RULE}){2})?$`);

/** Settings that are written: PUT replaces what is there, POST adds to it. Undefined when there is no such setting. */
export function configure(state: MeterState, method: string, path: string, body: unknown): Answer | undefined {
  const name = /^\/config\/user\/([!-~]+)$/.exec(path)?.[1];
  if (name !== undefined) return changeUser(state, method, decodeURIComponent(name), body);
  if (path !== "/config/time/zone" && path !== "/config/net/ntp/server") return undefined;
  if (typeof body !== "string") return refusal("Invalid value.");
  if (path === "/config/time/zone") {
    if (!POSIX_ZONE.test(body)) return refusal("Invalid time zone.");
    state.zone = body;
  } else state.ntpServer = body;
  return OK;
}

function changeUser(state: MeterState, method: string, name: string, body: unknown): Answer {
  const known = state.users.get(name);
  const { hash, priv } = (body ?? {}) as { hash?: unknown; priv?: User["privileges"] };
  if (typeof hash !== "string" || !/^([0-9a-f]{32})?$/.test(hash)) return refusal("Invalid hash.");
  if (!known) return refusal("No such user.");
  state.users.set(name, { hash, privileges: priv ?? (method === "PUT" ? [] : known.privileges) });
  return OK;
}
