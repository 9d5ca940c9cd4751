import { SERVICES } from "./routes.ts";

const OFFERED = SERVICES.map(({ path }) => path).join("\n");

/** What somebody is told who asks for a path that is none of ours. */
export function signpost(): string {
  return `Nothing is here. The SOAP services are at\n${OFFERED}`;
}
