/** Leases by name, for what one party does at a time. */
export const statements = [
  `create table lease (
      name text primary key,
      holder text not null,
      -- counts the holders: fences what an earlier one still tries
      token integer not null,
      until_ms integer not null
    ) strict, without rowid`,
];
