import { CONTRACT_SERVICES } from "../contract/codec.ts";
import { pathKey } from "../http/app.ts";
import { SERVICES } from "./routes.ts";

const OFFERED = SERVICES.map(({ path }) => path).join("\n");
/** Services of the public contract that are not offered, by the last part of their path. */
const NOT_OFFERED = new Map(
  CONTRACT_SERVICES.filter((service) => !SERVICES.includes(service)).map(({ name, path }) => [
    pathKey(path.slice(path.lastIndexOf("/", path.length - 2) + 1)),
    name,
  ]),
);

/** What somebody is told who asks for a path that is none of ours. */
export function signpost(path: string): string {
  const known = path.split("/").find((part) => NOT_OFFERED.has(part));
  const first =
    known === undefined
      ? "Nothing is here."
      : `${NOT_OFFERED.get(known)} of the public smart-metering contract is not offered by this service.`;
  return `${first} The SOAP services are at\n${OFFERED}`;
}
