import assert from "node:assert/strict";
import { Metrics } from "../../src/lib/metrics.ts";

describe("metrics", () => {
  it("are written as Prometheus reads them", async () => {
    const metrics = new Metrics();
    const counter = metrics.counter("refused_total", "Refused.");
    counter.add({ code: 'a"b\\c\nd' });
    counter.add({ code: 'a"b\\c\nd' });
    metrics.counter("never_total", "Never.");
    metrics.gauge("waiting", "Waiting.", async () => [{ value: 2 }, { labels: { lane: "x" }, value: 0.5 }]);
    const text = [
      ...["# HELP refused_total Refused.", "# TYPE refused_total counter", 'refused_total{code="a\\"b\\\\c\\nd"} 2'],
      ...["# HELP never_total Never.", "# TYPE never_total counter"],
      ...["# HELP waiting Waiting.", "# TYPE waiting gauge", "waiting 2", 'waiting{lane="x"} 0.5', ""],
    ];
    assert.equal(await metrics.text(), text.join("\n"));
  });

  it("count each duration in every bucket that it is not too long for", async () => {
    const metrics = new Metrics();
    const histogram = metrics.histogram("call_seconds", "Calls.");
    for (const seconds of [0.001, 0.3, 99]) histogram.observe({ port: "p" }, seconds);
    const lines = (await metrics.text()).split("\n").slice(2);
    const bounds = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, "+Inf"];
    const counts = [1, 1, 1, 1, 2, 2, 2, 3];
    assert.deepEqual(lines, [
      ...bounds.map((bound, i) => `call_seconds_bucket{port="p",le="${bound}"} ${counts[i]}`),
      'call_seconds_sum{port="p"} 99.301',
      'call_seconds_count{port="p"} 3',
      "",
    ]);
  });

  it("are told without the one that cannot be read", async () => {
    const metrics = new Metrics();
    metrics.gauge("gone", "Gone.", () => Promise.reject(new RangeError("the database is away")));
    metrics.gauge("there", "There.", () => [{ value: 1 }]);
    assert.equal(await metrics.text(), "# HELP there There.\n# TYPE there gauge\nthere 1\n");
  });
});
