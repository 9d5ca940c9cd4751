/** Messages between us and one device are looked through; those of callers are not, and take no place in the index. */
export const statements = [
  `
    create index message_log_device on message_log (device, leaf_index)
      where direction in ('to-device', 'from-device')`,
];
