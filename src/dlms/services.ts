import type {
  ActionResponse,
  AttributeReference,
  DataAccessResult,
  GetResult,
  MethodReference,
  SelectiveAccess,
} from "./apdu.ts";
import type { CosemData } from "./data.ts";

/**
 * What a client asks of a server, apart from how it is cut into APDUs: one element becomes a normal request, several
 * become one with a list, and what is too long for one APDU goes in blocks. All lists have one element or more.
 */
export type ServiceRequest =
  | { readonly type: "get"; readonly attributes: readonly AttributeReference[] }
  | {
      readonly type: "set";
      readonly attributes: readonly AttributeReference[];
      /** One for each attribute. */
      readonly values: readonly CosemData[];
    }
  | {
      readonly type: "action";
      readonly methods: readonly MethodReference[];
      /** One for each method; undefined for none, which a request with a list sends as null-data. */
      readonly parameters: readonly (CosemData | undefined)[];
    }
  /** Short-name referencing. */
  | { readonly type: "read"; readonly variables: readonly NamedVariable[] }
  | { readonly type: "write"; readonly variables: readonly NamedVariable[]; readonly values: readonly CosemData[] };

/** Attribute (or method, for parameterised access) by short name, 0 … 65535. */
export interface NamedVariable {
  readonly shortName: number;
  readonly access?: SelectiveAccess | undefined;
}

/** The answer: one result for each element of the request, in its order. */
export type ServiceResponse =
  | { readonly type: "get"; readonly results: readonly GetResult[] }
  | { readonly type: "set"; readonly results: readonly DataAccessResult[] }
  | { readonly type: "action"; readonly results: readonly ActionResponse[] }
  | { readonly type: "read"; readonly results: readonly GetResult[] }
  | { readonly type: "write"; readonly results: readonly DataAccessResult[] };
