import type { Organisation } from "../../domain/organisation.ts";

export interface OrganisationRow {
  readonly identification: string;
  readonly record: string;
}

export function toOrganisation({ identification, record }: OrganisationRow): Organisation {
  return { identification, ...JSON.parse(record) };
}

/** Tells other processes that their copies of rights are old. */
export const COUNT_CHANGE = "update inventory_version set version = version + 1";
