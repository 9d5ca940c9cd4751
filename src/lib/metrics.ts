export type Labels = Readonly<Record<string, string>>;

/** One value of a metric. */
export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

interface Metric {
  readonly help: string;
  readonly kind: "counter" | "gauge" | "histogram";
  /** Lines without the name in front. */
  read(): string[] | Promise<string[]>;
}

function labelled(suffix: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([name, text]) => `${name}="${escaped(text)}"`);
  return `${suffix}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}`;
}

function escaped(text: string): string {
  return text.replace(/[\\"\n]/g, (character) => (character === "\n" ? "\\n" : `\\${character}`));
}

/** Counts per set of labels. */
export class Counter {
  readonly #counts = new Map<string, { readonly labels: Labels; count: number }>();

  /** @param labels always with the same names, and few values: each set of them is kept for good */
  add(labels: Labels = {}): void {
    const key = JSON.stringify(labels);
    const known = this.#counts.get(key);
    if (known) known.count += 1;
    else this.#counts.set(key, { labels, count: 1 });
  }

  read(): string[] {
    return [...this.#counts.values()].map(({ labels, count }) => labelled("", labels, count));
  }
}

/** How often something took how long, in seconds. */
export class Histogram {
  static readonly #BOUNDS_S = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10];
  readonly #series = new Map<string, { readonly labels: Labels; readonly counts: number[]; sum: number }>();

  observe(labels: Labels, seconds: number): void {
    const key = JSON.stringify(labels);
    const known = this.#series.get(key) ?? { labels, counts: [...Histogram.#BOUNDS_S.map(() => 0), 0], sum: 0 };
    this.#series.set(key, known);
    const place = Histogram.#BOUNDS_S.findIndex((bound) => seconds <= bound);
    known.counts[place < 0 ? Histogram.#BOUNDS_S.length : place]! += 1;
    known.sum += seconds;
  }

  read(): string[] {
    return [...this.#series.values()].flatMap(({ labels, counts, sum }) => {
      let total = 0;
      const buckets = counts.map((count, i) => {
        total += count;
        return labelled("_bucket", { ...labels, le: String(Histogram.#BOUNDS_S[i] ?? "+Inf") }, total);
      });
      return [...buckets, labelled("_sum", labels, sum), labelled("_count", labels, total)];
    });
  }
}

/** What the service tells about itself in numbers, as Prometheus reads it (text format 0.0.4). */
export class Metrics {
  readonly #metrics = new Map<string, Metric>();

  counter(name: string, help: string): Counter {
    const counter = new Counter();
    this.#metrics.set(name, { help, kind: "counter", read: () => counter.read() });
    return counter;
  }

  histogram(name: string, help: string): Histogram {
    const histogram = new Histogram();
    this.#metrics.set(name, { help, kind: "histogram", read: () => histogram.read() });
    return histogram;
  }

  /** @param read asked whenever somebody looks; when it fails, the metric is missing that time */
  gauge(name: string, help: string, read: () => readonly Sample[] | Promise<readonly Sample[]>): void {
    const lines = async () => (await read()).map(({ labels = {}, value }) => labelled("", labels, value));
    this.#metrics.set(name, { help, kind: "gauge", read: lines });
  }

  async text(): Promise<string> {
    const parts = [...this.#metrics].map(async ([name, { help, kind, read }]) => {
      const lines = await Promise.resolve(read()).catch(() => undefined);
      if (lines === undefined) return "";
      return [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, ...lines.map((line) => name + line)].join("\n");
    });
    return `${(await Promise.all(parts)).filter((part) => part !== "").join("\n")}\n`;
  }
}
