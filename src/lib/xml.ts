const SPECIAL = /[&<>"]/;
const SPECIAL_ALL = /[&<>"]/g;
const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Characters that no XML 1.0 document may hold, not even escaped (production Char), lone surrogates among them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
export const FORBIDDEN_IN_XML = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF\p{Surrogate}]/u;
const FORBIDDEN_ALL = new RegExp(FORBIDDEN_IN_XML, "gu");

/** Text for element content or a double-quoted attribute; what XML cannot hold becomes U+FFFD. */
export function escapeXml(text: string): string {
  const clean = text.replace(FORBIDDEN_ALL, "\uFFFD");
  return SPECIAL.test(clean) ? clean.replace(SPECIAL_ALL, (character: string) => ENTITIES[character] ?? "") : clean;
}

/** Namespace of `xsi:nil` and `xsi:type` (XML Schema, part 1, section 2.6). */
export const XML_SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance";
