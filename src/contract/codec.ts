/** The contract in use: names of elements, their values as plain objects, and XML on either side. */
export { decodeElement } from "./decode.ts";
export { encodeElement, type ItemWriter, itemWriter } from "./encode.ts";
export { ContractError, type ContractReason } from "./errors.ts";
export type { ElementName, ElementTypes, FetchElement, RequestElement, SyncElement } from "./generated/index.ts";
export { CONTRACT_SERVICES } from "./generated/services.ts";
export { elementNameOf, qualifiedName } from "./model.ts";
export type { Decimal, Integer, OperationKind, Service, ServiceOperation } from "./tables.ts";
