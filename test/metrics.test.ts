import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { ManualClock, nextTurn } from "../src/lib/clock.ts";
import { addGauge, metricsOfProcesses, newMetrics } from "../src/metrics.ts";

describe("metrics", () => {
  it("are told without the values that cannot be read", async () => {
    const { registry } = await newMetrics();
    let isAway = false;
    const read = () => (isAway ? Promise.reject(new RangeError("the database is away")) : [{ value: 1 }]);
    await addGauge(registry, { name: "there", help: "There.", read });
    const place = { labels: { place: 'a"b' }, value: 2 };
    await addGauge(registry, {
      name: "placed",
      help: "Placed.",
      labels: ["place"],
      read: async () => [...(await read()).map(() => place)],
    });
    const values = async () => (await registry.metrics()).split("\n").filter((line) => /^(there|placed)/.test(line));
    assert.deepEqual(await values(), ["there 1", 'placed{place="a\\"b"} 2']);
    isAway = true;
    assert.deepEqual(await values(), []);
    isAway = false;
    assert.equal((await values()).length, 2);
  });

  it("are those of several processes together: what happened is added up, what all look at is told once", async () => {
    const { AggregatorRegistry } = await import("prom-client");
    const processes = await Promise.all(
      [1, 2].map(async (count) => {
        const metrics = await newMetrics();
        await addGauge(metrics.registry, { name: "waiting", help: "Waiting.", read: () => [{ value: 7 }] });
        await addGauge(metrics.registry, {
          name: "at_seconds",
          help: "At.",
          of: "max",
          read: () => [{ value: count }],
        });
        metrics.refused.inc({ code: "UNAUTHORIZED" }, count);
        metrics.storeCalls.observe({ port: "requests" }, 0.3 * count);
        return metrics.registry.getMetricsAsJSON();
      }),
    );
    const page = await AggregatorRegistry.aggregate(processes).metrics();
    const value = (series: string) =>
      Number(
        page
          .split("\n")
          .find((line) => line.startsWith(`${series} `))
          ?.slice(series.length),
      );
    assert.equal(value('metergate_refused_total{code="UNAUTHORIZED"}'), 3);
    assert.equal(value("waiting"), 7);
    assert.equal(value("at_seconds"), 2);
    assert.equal(value('metergate_store_call_seconds_bucket{le="0.5",port="requests"}'), 1);
    assert.equal(value('metergate_store_call_seconds_count{port="requests"}'), 2);
  });

  it("of several processes are those of the ones that answer", async () => {
    const { registry, refused } = await newMetrics();
    refused.inc({ code: "UNAUTHORIZED" });
    const own = await registry.getMetricsAsJSON();
    type Send = (message: unknown, done: (error: Error | null) => void) => boolean;
    const process = (send: Send) => Object.assign(new EventEmitter(), { send }) as never;
    const clock = new ManualClock(0);
    const answering = process(function (this: EventEmitter) {
      return setImmediate(() => this.emit("message", own)).hasRef();
    });
    const hanging = process(() => true);
    const killed = process((_, done) => {
      done(new Error("write EPIPE"));
      return true;
    });
    const read = await metricsOfProcesses(() => [answering, hanging, killed], clock);
    const reading = read();
    await nextTurn();
    clock.advance(1_000);
    assert.match(await reading, /^metergate_refused_total\{code="UNAUTHORIZED"\} 1$/m);
  });
});
