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

/** Characters that a needle is looked up by: none is shorter. */
const HEAD = 4;

/** Finds secrets in whatever was written, in any usual form. */
export class KeySearch {
  /** What is looked for, by its first characters as one number: one walk over a text finds whatever begins there. */
  readonly #needles = new Map<number, { what: string; form: string }[]>();
  /** Whether any needle begins with these characters, by their lower bits: the answer is nearly always no. */
  readonly #begins = new Uint8Array(1 << 16);

  add({ what, bytes }: Secret): void {
    for (const form of new Set(formsOf(bytes))) {
      const head = Buffer.from(form, "latin1").readUInt32LE();
      this.#needles.set(head, [...(this.#needles.get(head) ?? []), { what, form }]);
      this.#begins[fold(head)] = 1;
    }
  }

  /** What was found in a text or in octets; each once. */
  in(text: string | Uint8Array): string[] {
    const haystack = Buffer.from(text as string);
    const found = new Set<string>();
    for (let at = 0, head = 0; at < haystack.length; at++) {
      head = (head >>> 8) | (haystack[at]! << 24);
      if (this.#begins[fold(head)] === 0) continue;
      for (const { what, form } of this.#needles.get(head >>> 0) ?? []) {
        const begin = at + 1 - HEAD;
        if (haystack.toString("latin1", begin, begin + form.length) === form) found.add(what);
      }
    }
    return [...found];
  }
}

function fold(head: number): number {
  return (head ^ (head >>> 16)) & 0xffff;
}
