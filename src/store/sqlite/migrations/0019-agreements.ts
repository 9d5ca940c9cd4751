/** What all nodes have to have in common. */
export const statements = [
  `create table agreement (
      name text primary key,
      value text not null
    ) strict, without rowid`,
];
