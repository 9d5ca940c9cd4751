import { fileURLToPath } from "node:url";

/**
 * The command as users start it: `node dist/main.js`, built before the tests run.
 * For whoever starts it in a process of its own, which sources would take seconds to do.
 */
export const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));
