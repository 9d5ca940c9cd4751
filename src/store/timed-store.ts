import { type Clock, since } from "../lib/clock.ts";
import type { Store } from "./store.ts";

/** Takes how long calls took. */
interface Durations {
  observe(labels: { readonly port: string }, seconds: number): void;
}

/** The same store, whose calls are told how long they took, by aggregate. */
export function timedStore(store: Store, durations: Durations, clock: Clock): Store {
  const timed = new Map<PropertyKey, unknown>();
  return new Proxy(store, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value === "function") return value.bind(target);
      if (!timed.has(name))
        timed.set(
          name,
          timedPort(value, (s) => durations.observe({ port: String(name) }, s), clock),
        );
      return timed.get(name);
    },
  });
}

function timedPort<T extends object>(port: T, note: (seconds: number) => void, clock: Clock): T {
  const methods = new Map<PropertyKey, unknown>();
  return new Proxy(port, {
    get(target, name) {
      const known = methods.get(name);
      if (known) return known;
      const method = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      const wrapped = (...values: unknown[]) => {
        const start = clock.elapsed();
        const result: unknown = method.apply(target, values);
        const done = () => note(since(clock, start) / 1000);
        if (result instanceof Promise) void result.then(done, done);
        return result;
      };
      methods.set(name, wrapped);
      return wrapped;
    },
  });
}
