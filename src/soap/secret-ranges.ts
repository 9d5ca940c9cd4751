const SLASH = 0x2f;

function skipTo(text: string, end: string, from: number): number {
  const at = text.indexOf(end, from);
  return at < 0 ? text.length : at + end.length;
}

/** Position after the `>` that ends the tag at `at`; `>` inside quoted attribute values does not count. */
function tagEnd(text: string, at: number): number {
  let quote = 0;
  for (let i = at; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (quote) {
      if (code === quote) quote = 0;
    } else if (code === 0x22 || code === 0x27) quote = code;
    else if (code === 0x3e) return i + 1;
  }
  return text.length;
}

/** Position of the end tag that closes the element whose start tag ends at `from`. */
function contentEnd(text: string, from: number): number {
  let depth = 1;
  for (let at = text.indexOf("<", from); at >= 0; ) {
    let next = at + 1;
    if (text.startsWith("<!--", at)) next = skipTo(text, "-->", at + 4);
    else if (text.startsWith("<![CDATA[", at)) next = skipTo(text, "]]>", at + 9);
    else if (text.charCodeAt(at + 1) === SLASH) {
      depth -= 1;
      if (depth === 0) return at;
    } else {
      next = tagEnd(text, at);
      if (text.charCodeAt(next - 2) !== SLASH) depth += 1;
    }
    at = text.indexOf("<", next);
  }
  return text.length;
}

const TAG_NAME = /(?:[^\s:/<>"'=]+:)?([^\s:/<>"'=]+)/y;

/**
 * Where the contents of the named elements stand, in order and without overlap. Works on text that is not
 * well-formed too, and then rather finds more than less.
 */
export function contentRanges(text: string, localNames: ReadonlySet<string>): [start: number, end: number][] {
  const ranges: [number, number][] = [];
  for (let at = text.indexOf("<"); at >= 0; ) {
    let next = at + 1;
    TAG_NAME.lastIndex = at + 1;
    const name = TAG_NAME.exec(text)?.[1];
    if (text.startsWith("<!--", at)) next = skipTo(text, "-->", at + 4);
    else if (text.startsWith("<![CDATA[", at)) next = skipTo(text, "]]>", at + 9);
    else if (name !== undefined && localNames.has(name)) {
      const start = tagEnd(text, at);
      next = start;
      if (text.charCodeAt(start - 2) !== SLASH) {
        next = contentEnd(text, start);
        if (next > start) ranges.push([start, next]);
      }
    }
    at = text.indexOf("<", next);
  }
  return ranges;
}
