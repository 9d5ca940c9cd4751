import * as z from "zod";

/*
 * What records of devices are described with, so that each refusal says what is allowed and never shows a value: it may
 * be a key.
 */

/** An object that takes these keys and no others, and says which when it meets another. */
export function record<S extends z.ZodRawShape>(shape: S) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `unknown ${issue.keys?.join(", ")}; allowed: ${Object.keys(shape).join(", ")}`
        : "must be an object",
  });
}

export function text(pattern: RegExp, allowed: string) {
  return z.string(`must be ${allowed}`).regex(pattern, `must be ${allowed}`);
}

export function integer(lowest: number, highest: number) {
  const allowed = `must be a whole number from ${lowest} to ${highest}`;
  return z.int(allowed).min(lowest, allowed).max(highest, allowed);
}

export function list<T extends z.ZodType>(element: T) {
  return z.array(element, "must be a list");
}

/** False when absent. */
export const flag = z.boolean("must be true or false").default(false);

/** The contract's DeviceIdentification, and the 40 characters that its Identification leaves. */
export const deviceIdentification = text(/^[a-zA-Z0-9 ]{16,40}$/, "16 to 40 letters, digits or spaces");
