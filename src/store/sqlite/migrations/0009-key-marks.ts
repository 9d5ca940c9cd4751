/** Whose key change is under way: it is the attempt's that runs the request, for as long as its lease lasts. */
export const statements = [
  "alter table device drop column key_processing_started_ms",
  "alter table device add column key_processing_uid text",
  "alter table device add column key_processing_attempt integer",
];
