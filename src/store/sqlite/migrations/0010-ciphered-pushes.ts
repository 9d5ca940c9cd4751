/** Meters by what they call themselves in ciphered pushes, and the last counter that they used with a key. */
export const statements = [
  "create index device_system_title on device (json_extract(record, '$.systemTitle'))",
  // Of the device's own messages under this key; a counter never comes twice under one key.
  "alter table secret add column push_counter integer check (push_counter between 0 and 4294967295)",
];
