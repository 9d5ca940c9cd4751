import { StoreError } from "../errors.ts";

/** What an address says of a server, as the driver takes it. */
export interface Address {
  readonly server: string;
  readonly port: number;
  readonly database: string | undefined;
  readonly user: string;
  readonly password: string;
  readonly options: {
    readonly encrypt: boolean;
    readonly trustServerCertificate: boolean;
    readonly multiSubnetFailover: boolean;
  };
}

const PORT = 1433;
/** What may stand behind the database, and what is meant when it does not. */
const FLAGS = { encrypt: true, trustServerCertificate: false, multiSubnetFailover: false };

/**
 * Reads `mssql://user:password@host:1433/database?encrypt=true`.
 * @throws StoreError DATABASE_UNUSABLE
 */
export function addressOf(url: string): Address {
  const { hostname, port, pathname, username, password, searchParams } = new URL(url);
  const options = { ...FLAGS };
  for (const [name, value] of searchParams) {
    if (!(name in FLAGS)) throw unusable(`has a parameter that is not known: ${name}`);
    if (value !== "true" && value !== "false")
      throw unusable(`has a parameter that is neither true nor false: ${name}`);
    options[name as keyof typeof FLAGS] = value === "true";
  }
  return {
    server: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: port === "" ? PORT : Number(port),
    database: decodeURIComponent(pathname.slice(1)) || undefined,
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    options,
  };
}

function unusable(what: string): StoreError {
  return new StoreError("DATABASE_UNUSABLE", `the address of the database ${what}`);
}
