import type { Parameter } from "./requests.ts";

/** A statement as PostgreSQL has it. */
export interface Translated {
  readonly sql: string;
  readonly values: unknown[];
  /** Run only when the one before changed nothing. */
  readonly ifNone: boolean;
}

const NOW_MS = "floor(extract(epoch from clock_timestamp()) * 1000)::bigint";
/** What a hint that locks rows becomes at the end of its query. */
const LOCKS: Readonly<Record<string, string>> = {
  "updlock, rowlock": "for no key update",
  "updlock, readpast, rowlock": "for no key update skip locked",
  "repeatableread, readpast, rowlock": "for share skip locked",
  readcommittedlock: "for share",
  "updlock, serializable": "",
  "readpast, rowlock": "",
};

const CASTS: Readonly<Record<Parameter["type"], string>> = {
  bigint: "bigint",
  float: "float8",
  "nvarchar(max)": "text",
  "nvarchar(4000)": "text",
  "varbinary(max)": "bytea",
  "varbinary(1)": "bytea",
};

/** Words that are written otherwise, wherever they stand. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/datediff_big\(millisecond, '1970-01-01', sysutcdatetime\(\)\)/g, NOW_MS],
  [/nvarchar\((\d+)\) collate Latin1_General_100_BIN2/g, 'varchar($1) collate "C"'],
  [/nvarchar\(max\) collate Latin1_General_100_BIN2/g, 'text collate "C"'],
  [/collate Latin1_General_100_BIN2/g, 'collate "C"'],
  [/varbinary\(max\)/g, "bytea"],
  [/ as (\w*[A-Z]\w*)/g, ' as "$1"'],
  [/\bdatalength\(/g, "octet_length("],
  [/\bprimary key nonclustered\b/g, "primary key"],
  [/\(next value for (\w+)\)|next value for (\w+)/g, "nextval('$1$2')"],
  [/\bcross apply\b/g, "cross join lateral"],
  [/option \(maxrecursion 0\)/g, ""],
  [/with (parked \()/g, "with recursive $1"],
  [
    /select item( collate "C")? from openjson\((@p\d+)\) with \(item \w+\(450\) '\$'\)/g,
    "select item$1 from jsonb_array_elements_text($2::jsonb) as list (item)",
  ],
  [
    /select item from openjson\((@p\d+)\) with \(item bigint '\$'\)/g,
    "select item::bigint from jsonb_array_elements_text($1::jsonb) as list (item)",
  ],
  [/if object_id\('\w+'\) is null create table/g, "create table if not exists"],
];

/** Statements that are another thing altogether, by what they begin with. */
const WHOLE: readonly (readonly [RegExp, string])[] = [
  [/^alter table \w+ set \(lock_escalation = disable\)$/, "select"],
  [
    /^select name, is_read_committed_snapshot_on as versioned from sys\.databases/,
    "select current_database()::text as name, true as versioned",
  ],
  [
    /^select 1 as found from sys\.tables/,
    "select 1 as found from pg_tables where schemaname = current_schema() and tablename = @p1",
  ],
  [
    /^select name from sys\.tables/,
    "select tablename::text as name from pg_tables where schemaname = current_schema() and tablename not like '%migration%' order by 1",
  ],
  [
    /^select t\.name as table_name, c\.name as column_name from sys\.tables/,
    "select table_name::text, column_name::text from information_schema.columns where table_schema = current_schema() order by table_name, ordinal_position",
  ],
  [
    /^select c\.name from sys\.indexes/,
    "select a.attname::text as name from pg_index i, unnest(i.indkey) with ordinality as k (number, place), pg_attribute a where i.indisprimary and i.indrelid = @p1::regclass and a.attrelid = i.indrelid and a.attnum = k.number order by k.place",
  ],
  [/^alter table device nocheck constraint (\w+)$/, "alter table device drop constraint $1"],
  [
    /^alter table device with check check constraint (\w+)$/,
    "alter table device add constraint $1 foreign key (gateway_device) references device (identification)",
  ],
];

const TRY_LOCKS = /^set nocount on;\s+declare @free table/;
const LOCK = /^declare @resource nvarchar\(255\) = concat/;
const PROMOTE =
  /^with due as \(select top \(@p2\) lane from request with \(([^()]+), index \((\w+)\)\)\s+(where [^()]+)\)\s+update due set lane = 'ready'$/;

/** Rows that go into a table and come out of it again. */
function withReturning(sql: string): string {
  const found = /\boutput (inserted\.\w+(?:, inserted\.\w+)*)/.exec(sql);
  if (!found) return sql;
  const table = /^(?:update|insert into) (\w+)/.exec(sql)![1]!;
  const columns = found[1]!.replaceAll("inserted.", `${table}.`);
  return `${sql.replace(found[0], "")} returning ${columns}`;
}

/** Whoever keeps the place of a key lets nobody else insert it. */
function withPlaces(sql: string): string {
  if (!sql.startsWith("insert into") || !sql.includes("with (updlock, serializable)")) return sql;
  const returning = sql.indexOf(" returning ");
  const [head, tail] = returning < 0 ? [sql, ""] : [sql.slice(0, returning), sql.slice(returning)];
  return `${head} on conflict do nothing${tail}`;
}

function withLocks(sql: string): string {
  let locks = "";
  const text = sql.replaceAll(/ with \(([a-z, ]+?)(?:, index \(\w+\))?\)/g, (hint, names: string) => {
    if (!(names in LOCKS)) throw new Error(`a hint that is not known:${hint}`);
    locks = LOCKS[names]!;
    return "";
  });
  return `${text} ${locks}`;
}

/** PostgreSQL keeps no octet 0 in a text. */
const kept = (value: unknown) => (typeof value === "string" ? value.replaceAll("\0", "\ufffd") : value);

/** Parameters by the numbers that PostgreSQL has for them; what is null stands in the text. */
function bind(sql: string, parameters: readonly Parameter[]): { sql: string; values: unknown[] } {
  const values: unknown[] = [];
  const places = new Map<string, number>();
  const text = sql.replaceAll(/@p\d+/g, (name) => {
    const parameter = parameters.find((each) => each.name === name);
    if (!parameter) throw new Error(`a parameter that was not bound: ${name}`);
    if (parameter.value === null) return "null";
    if (!places.has(name)) places.set(name, values.push(kept(parameter.value)));
    return `$${places.get(name)}::${CASTS[parameter.type]}`;
  });
  return { sql: text, values };
}

function translateOne(statement: string, parameters: readonly Parameter[]): Translated {
  const ifNone = /^if @@rowcount = 0\s+/.exec(statement);
  let sql = ifNone ? statement.slice(ifNone[0].length) : statement;
  for (const [begins, other] of WHOLE) {
    const found = begins.exec(sql);
    if (found) return { ...bind(other.replace("$1", found[1] ?? ""), parameters), ifNone: false };
  }
  sql = sql.replace(
    PROMOTE,
    (_, names, __, where) =>
      `update request set lane = 'ready' where id in (select id from request ${where} limit @p2 ${LOCKS[names]})`,
  );
  for (const [word, other] of WORDS) sql = sql.replaceAll(word, other);
  sql = withLocks(withPlaces(withReturning(sql)));
  // Two of them may find that neither is there.
  if (ifNone) sql += " on conflict do nothing";
  return { ...bind(sql, parameters), ifNone: ifNone !== null };
}

/** The statements of a batch as PostgreSQL has them; only what the store sends is understood. */
export function translate(batch: string, parameters: readonly Parameter[]): Translated[] {
  const text = batch.replaceAll(/--.*$/gm, "").trim();
  if (TRY_LOCKS.test(text)) {
    const sql = `select item as name from jsonb_array_elements_text(@p1::jsonb) as list (item)
      where pg_try_advisory_xact_lock(hashtextextended(current_schema() || item, 1))`;
    return [{ ...bind(sql, parameters), ifNone: false }];
  }
  if (LOCK.test(text)) {
    const sql = "select 1 from pg_advisory_xact_lock(hashtextextended(current_schema() || @p1, 0))";
    return [{ ...bind(sql, parameters), ifNone: false }];
  }
  const statements = text.split(";").map((each) => each.trim());
  return statements.filter((each) => each !== "").map((each) => translateOne(each, parameters));
}
