/** What a node does: it serves callers, or talks to devices and does what is done once, or all of it. */
export const ROLES = ["all", "api", "worker"] as const;
export type Role = (typeof ROLES)[number];
