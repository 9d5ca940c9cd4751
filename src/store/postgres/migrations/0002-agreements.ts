import { TEXT } from "./text.ts";

/** What all nodes have to have in common. */
export const statements = [
  `create table agreement (
      name ${TEXT} primary key,
      value ${TEXT} not null
    )`,
];
