import { BLOCKED, BUSY } from "../server/aggregates/claim-conditions.ts";
import { AT_MOST, type Statements } from "../server/session.ts";
import { LOCK_NOT_GIVEN } from "./failures.ts";
import { COLLATION, KEY } from "./texts.ts";

/** Epoch milliseconds. */
export const NOW_MS = "datediff_big(millisecond, '1970-01-01', sysutcdatetime())";

const listed = (names: readonly string[]) => names.join(", ");
/** Parameters are called `@p1`, `@p2` and so on; the first of some is number `from`. */
const marks = (count: number, from = 1) => Array.from({ length: count }, (_, i) => `@p${from + i}`).join(", ");
const equal = (names: readonly string[], from = 1) => names.map((name, i) => `${name} = @p${from + i}`);
const given = (names: readonly string[]) => listed(names.map((name) => `inserted.${name}`));
const rowsOf = (columns: number, rows: number) =>
  Array.from({ length: rows }, (_, i) => `(${marks(columns, 1 + i * columns)})`).join(", ");

/** Texts of inserts by their head and number of rows: long ones, needed for every transaction. */
const inserts = new Map<string, string>();

/** Keeps the place of a key, whether or not there is a row, until the transaction ends. */
const PLACE = "with (updlock, serializable)";
/** Takes rows that nobody else has, and passes over the others; in the order of an index, so that no more are taken. */
const freeIn = (index: string) => `with (updlock, readpast, rowlock, index (${index}))`;

/** How long a lock by name is waited for before the transaction is tried anew. */
const LOCK_TIMEOUT_MS = 5_000;
/** The name of a lock has 255 characters at most. */
const resource = (kind: string, name: string) =>
  `concat('${kind} ', convert(nvarchar(64), hashbytes('SHA2_256', ${name}), 2))`;
const takeLock = (timeoutMs: number) =>
  `exec @held = sp_getapplock @Resource = @resource, @LockMode = 'Exclusive', @LockOwner = 'Transaction',
     @LockTimeout = ${timeoutMs};`;

/** What SQL Server writes its own way. */
export const STATEMENTS: Statements = {
  upsert: (table, keys, others) =>
    `update ${table} ${PLACE} set ${listed(equal(others, keys.length + 1))} where ${equal(keys).join(" and ")};
     if @@rowcount = 0 insert into ${table} (${listed([...keys, ...others])})
       values (${marks(keys.length + others.length)});`,

  insertIfNew: (table, keys, others) =>
    `insert into ${table} (${listed([...keys, ...others])}) select ${marks(keys.length + others.length)}
     where not exists (select 1 from ${table} ${PLACE} where ${equal(keys).join(" and ")})`,

  insert(table, columns, rows) {
    const head = `insert into ${table} (${listed(columns)}) values `;
    const key = `${head}${rows}`;
    const text = inserts.get(key) ?? head + rowsOf(columns.length, rows);
    inserts.set(key, text);
    return text;
  },

  updateReturning: (table, set, where, columns) => `update ${table} set ${set} output ${given(columns)} where ${where}`,

  selectLocked: (columns, table, where) =>
    `select ${listed(columns)} from ${table} with (updlock, rowlock) where ${where}`,

  selectShared: (columns, table, where) =>
    `select ${listed(columns)} from ${table} with (repeatableread, readpast, rowlock) where ${where}`,

  candidates: `select id, device, route_device, writes, ${BUSY} as busy, ${BLOCKED} as blocked
    from request ${freeIn("request_ready")}
    where lane = 'ready' and family = ? and organisation = ? order by priority desc, id ${AT_MOST}`,

  promote: `with due as (select top (@p2) lane from request ${freeIn("request_later")}
      where lane = 'later' and due_ms <= @p1 order by due_ms, id)
    update due set lane = 'ready'`,

  tryLocks: `set nocount on;
    declare @free table (name ${KEY} not null);
    declare @name nvarchar(450), @resource nvarchar(255), @held int;
    declare names cursor local fast_forward for select item from openjson(@p1) with (item nvarchar(450) '$');
    open names;
    fetch next from names into @name;
    while @@fetch_status = 0
    begin
      set @resource = ${resource("route", "@name")};
      ${takeLock(0)}
      if @held >= 0 insert into @free (name) values (@name);
      fetch next from names into @name;
    end;
    close names;
    deallocate names;
    select name from @free;`,

  // The parked lines of a device are walked by organisation: a seek for each, however many stand in it. No aggregate may
  // stand in the part that repeats; the first of the rows that follow may.
  unparkFirst: `with parked (organisation) as (
      select min(organisation) from request where lane = 'parked' and route_device = ?
      union all
      select organisation from (
        select r.organisation, row_number() over (order by r.organisation) as place
        from request r inner join parked p on r.organisation > p.organisation
        where r.lane = 'parked' and r.route_device = ?) as following
      where place = 1)
    update request set lane = 'ready' where lane = 'parked' and id in
      (select next_one.id from parked cross apply
        (select id from request where lane = 'parked' and route_device = ?
           and organisation = parked.organisation and ${BLOCKED} = 0
         order by priority desc, id offset 0 rows fetch next 1 rows only) as next_one)
    option (maxrecursion 0)`,

  nextTurn: "select next value for request_turn as turn",

  insertNews: (table, columns, rows, keys) =>
    `insert into ${table} (${listed(columns)}) output ${given(keys)}
     select ${listed(columns)} from (values ${rowsOf(columns.length, rows)}) as brought (${listed(columns)})
     where not exists (select 1 from ${table} ${PLACE}
       where ${keys.map((name) => `${table}.${name} = brought.${name} collate ${COLLATION}`).join(" and ")})`,

  now: `select ${NOW_MS} as databaseMs`,

  octets: "datalength",

  lock: `declare @resource nvarchar(255) = ${resource("lock", "@p1")}, @held int;
    ${takeLock(LOCK_TIMEOUT_MS)}
    if @held < 0 throw ${LOCK_NOT_GIVEN}, 'a lock was not given in time', 1;`,

  acquireLease: `update lease ${PLACE} set holder = @p2, token = token + 1, until_ms = @p3 output inserted.token
      where name = @p1 and (holder = @p2 or until_ms <= @p4);
    insert into lease (name, holder, token, until_ms) output inserted.token select @p1, @p2, 1, @p3
      where not exists (select 1 from lease ${PLACE} where name = @p1);`,
};

/** A list as a statement has it in place of its mark: a table, or nothing of whatever type is asked for. */
export function listOf(mark: string, [first]: readonly (string | number)[]): string {
  if (first === undefined) return "(null)";
  const [item, type] = typeof first === "number" ? ["item", "bigint"] : [`item collate ${COLLATION}`, "nvarchar(450)"];
  return `(select ${item} from openjson(${mark}) with (item ${type} '$'))`;
}
