import { createRequire } from "node:module";
import type * as XmlDom from "@xmldom/xmldom";
import type * as XmlCrypto from "xml-crypto";

const require = createRequire(import.meta.url);

/** Loaded when a message is signed or verified first: most services never do, and each start would wait for it. */
export function xmlCrypto(): typeof XmlCrypto {
  return require("xml-crypto");
}

/** The parser that xml-crypto reads with. */
export function xmlDom(): typeof XmlDom {
  return require("@xmldom/xmldom");
}
