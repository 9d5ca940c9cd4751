/** Bytes that must not be found anywhere, and what they are. */
export interface Secret {
  readonly what: string;
  readonly bytes: Uint8Array;
}

/** Base64 of `bytes` wherever they begin in a longer text: what does not depend on their neighbours. */
function base64Forms(bytes: Uint8Array): string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const bits = (before + bytes.length) * 8;
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(bits / 6));
  });
}

/** How octets come out when something prints them: text of one octet per character. */
function formsOf(bytes: Uint8Array): string[] {
  const numbers = [...bytes];
  const signed = [...Int8Array.from(bytes)];
  const hex = Buffer.from(bytes).toString("hex");
  const spaced = (separator: string) => hex.replace(/..(?=.)/g, `$&${separator}`);
  return [
    Buffer.from(bytes).toString("latin1"),
    // A string that was taken for text and written as UTF-8.
    Buffer.from(Buffer.from(bytes).toString("latin1"), "utf8").toString("latin1"),
    Buffer.from(Buffer.from(bytes).toString("latin1"), "utf16le").toString("latin1"),
    ...["", " ", ":", "-", ", "].map(spaced),
    ...["", " "].map(spaced).map((text) => text.toUpperCase()),
    ...base64Forms(bytes),
    ...base64Forms(bytes).map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
    ...base64Forms(Buffer.from(hex)),
    numbers.join(","),
    numbers.join(", "),
    signed.join(","),
    signed.join(", "),
    numbers.map((value, i) => `"${i}":${value}`).join(","),
  ];
}

/** Finds secrets in whatever was written, in any usual form. */
export class KeySearch {
  readonly #needles: { what: string; form: string }[] = [];

  add({ what, bytes }: Secret): void {
    for (const form of new Set(formsOf(bytes))) this.#needles.push({ what, form });
  }

  /** What was found in a text or in octets; each once. */
  in(text: string | Uint8Array): string[] {
    const haystack = Buffer.from(text as string).toString("latin1");
    const found = this.#needles.filter(({ form }) => haystack.includes(form));
    return [...new Set(found.map(({ what }) => what))];
  }
}
