import { refuse } from "./refusal.ts";

/** Parameters of a command, taken one by one as a meter would want them. */
export class Parameters {
  readonly #given: Readonly<Record<string, unknown>>;
  readonly #strict: boolean;

  /** @param strict a number is no text and a text no number; otherwise either will do, as long as it reads so */
  constructor(given: unknown, strict: boolean) {
    this.#given = typeof given === "object" && given !== null ? (given as Record<string, unknown>) : {};
    this.#strict = strict;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#given, name);
  }

  list(name: string): unknown[] {
    const value = this.#given[name];
    return Array.isArray(value) ? value : refuse(`parameter ${name} is a list`);
  }

  text(name: string): string {
    const value = this.#given[name];
    if (typeof value === "string") return value;
    if (!this.#strict && typeof value === "number") return String(value);
    return refuse(`parameter ${name} is a string`);
  }

  whole(name: string): number {
    const value = this.#given[name];
    const number = typeof value === "string" && !this.#strict && /^\d+$/.test(value) ? Number(value) : value;
    return Number.isInteger(number) ? (number as number) : refuse(`parameter ${name} is a whole number`);
  }

  /** A number that is written as text. */
  digits(name: string): number {
    const value = this.text(name);
    return /^\d+$/.test(value) ? Number(value) : refuse(`parameter ${name} is made of digits`);
  }
}

/** Refuses as the meter does, after the command was handed on. */
export function within(name: string, value: number, lowest: number, highest: number): number {
  return value >= lowest && value <= highest ? value : refuse(`${name} out of range`);
}
