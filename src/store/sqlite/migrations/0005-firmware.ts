/** Firmware images, and how far a device has come with one. */
export const statements = [
  `
    create table firmware (
      identification text primary key,
      -- lower-case hexadecimal SHA-256 of the image
      sha256 text not null,
      image blob not null,
      -- what the meter is told the image is called; null for M-Bus images, which name themselves
      image_identifier blob,
      -- JSON array of device models
      models text not null,
      added_ms integer not null
    ) strict, without rowid`,
  `
    create table firmware_transfer (
      -- the meter that is connected to, and whom the image is for: the same, or an M-Bus device behind it
      device text primary key references device (identification) on delete cascade,
      target text not null,
      -- image whose transfer was begun and not finished
      sha256 text not null,
      blocks_done integer not null,
      blocks_total integer not null,
      updated_ms integer not null
    ) strict, without rowid`,
];
