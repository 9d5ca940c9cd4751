import type { ObisCode } from "../lib/obis.ts";
import type { CosemData } from "./data.ts";

/** Data-Access-Result (IEC 62056-5-3), by name; `success` is 0. */
export const DATA_ACCESS_RESULTS = {
  success: 0,
  "hardware-fault": 1,
  "temporary-failure": 2,
  "read-write-denied": 3,
  "object-undefined": 4,
  "object-class-inconsistent": 9,
  "object-unavailable": 11,
  "type-unmatched": 12,
  "scope-of-access-violated": 13,
  "data-block-unavailable": 14,
  "long-get-aborted": 15,
  "no-long-get-in-progress": 16,
  "long-set-aborted": 17,
  "no-long-set-in-progress": 18,
  "data-block-number-invalid": 19,
  "other-reason": 250,
} as const;
/** A name of {@link DATA_ACCESS_RESULTS}. */
export type DataAccessResult = keyof typeof DATA_ACCESS_RESULTS;

/** Action-Result (IEC 62056-5-3), by name. */
export const ACTION_RESULTS = {
  success: 0,
  "hardware-fault": 1,
  "temporary-failure": 2,
  "read-write-denied": 3,
  "object-undefined": 4,
  "object-class-inconsistent": 9,
  "object-unavailable": 11,
  "type-unmatched": 12,
  "scope-of-access-violated": 13,
  "data-block-unavailable": 14,
  "long-action-aborted": 15,
  "no-long-action-in-progress": 16,
  "other-reason": 250,
} as const;
/** A name of {@link ACTION_RESULTS}. */
export type ActionResult = keyof typeof ACTION_RESULTS;

/** Conformance block bits (IEC 62056-5-3), by name; the number is the bit's position, 0 = first (most significant) bit. */
export const CONFORMANCE_BITS = {
  "general-protection": 1,
  "general-block-transfer": 2,
  read: 3,
  write: 4,
  "unconfirmed-write": 5,
  "delta-value-encoding": 6,
  "attribute0-supported-with-set": 8,
  "priority-mgmt-supported": 9,
  "attribute0-supported-with-get": 10,
  "block-transfer-with-get-or-read": 11,
  "block-transfer-with-set-or-write": 12,
  "block-transfer-with-action": 13,
  "multiple-references": 14,
  "information-report": 15,
  "data-notification": 16,
  access: 17,
  "parameterized-access": 18,
  get: 19,
  set: 20,
  "selective-access": 21,
  "event-notification": 22,
  action: 23,
} as const;
/** A name of {@link CONFORMANCE_BITS}. */
export type ConformanceBit = keyof typeof CONFORMANCE_BITS;

/** Selects part of an attribute; the parameters' shape depends on interface class, attribute and selector. */
export interface SelectiveAccess {
  /** 0 … 255 */
  readonly selector: number;
  readonly parameters: CosemData;
}

/** Cosem-Attribute-Descriptor, with selective access where the service allows it. */
export interface AttributeReference {
  /** Interface class 0 … 65535. */
  readonly classId: number;
  readonly logicalName: ObisCode;
  /** −128 … 127; 0 means all attributes. */
  readonly attribute: number;
  readonly access?: SelectiveAccess | undefined;
}

/** Cosem-Method-Descriptor. */
export interface MethodReference {
  readonly classId: number;
  readonly logicalName: ObisCode;
  /** −128 … 127 */
  readonly method: number;
}

/** Invoke-Id-And-Priority. */
export interface InvokeId {
  /** 0 … 15 */
  readonly id: number;
  /** Service class: true confirmed (bit 6). */
  readonly confirmed: boolean;
  /** Priority: true high (bit 7). */
  readonly highPriority: boolean;
}

/** Get-Data-Result: the data, or why not. */
export type GetResult = { readonly data: CosemData } | { readonly error: Exclude<DataAccessResult, "success"> };

/** One part of a long transfer. `number` counts from 1. */
export interface DataBlock {
  readonly last: boolean;
  readonly number: number;
  readonly raw: Uint8Array;
}

/** Action-Response-With-Optional-Data. */
export interface ActionResponse {
  readonly result: ActionResult;
  readonly returned?: GetResult | undefined;
}

/** xDLMS InitiateRequest: what the client proposes. */
export interface InitiateRequest {
  readonly dedicatedKey?: Uint8Array | undefined;
  /** DEFAULT TRUE */
  readonly responseAllowed: boolean;
  readonly proposedQualityOfService?: number | undefined;
  /** 6 */
  readonly dlmsVersion: number;
  readonly conformance: readonly ConformanceBit[];
  /** Octets, 0 … 65535; 0 means no limit. */
  readonly clientMaxReceivePduSize: number;
}

/** xDLMS InitiateResponse: what the server agrees to. */
export interface InitiateResponse {
  readonly negotiatedQualityOfService?: number | undefined;
  readonly dlmsVersion: number;
  readonly conformance: readonly ConformanceBit[];
  readonly serverMaxReceivePduSize: number;
  /** 7 for logical-name, 0xFA00 for short-name referencing. */
  readonly vaaName: number;
}

/** Application context names, 2.16.756.5.8.1.x. */
export type ApplicationContext =
  | "logical-name"
  | "short-name"
  | "logical-name-with-ciphering"
  | "short-name-with-ciphering";

/** Authentication mechanism names, 2.16.756.5.8.2.x. */
export type AuthenticationMechanism =
  | "lowest"
  | "low"
  | "high"
  | "high-md5"
  | "high-sha1"
  | "high-gmac"
  | "high-sha256"
  | "high-ecdsa";

/** ACSE association request (IEC 62056-5-3). */
export interface AarqApdu {
  readonly type: "aarq";
  /** True when protocol-version (version 1, which is the default) is written out, as some peers do. */
  readonly protocolVersion?: boolean | undefined;
  readonly applicationContext: ApplicationContext;
  readonly callingApTitle?: Uint8Array | undefined;
  readonly mechanism?: AuthenticationMechanism | undefined;
  readonly callingAuthenticationValue?: Uint8Array | undefined;
  /** The encoded xDLMS initiate-request, plain or ciphered; decoded, it is a view of the APDU's octets. */
  readonly userInformation: Uint8Array;
}

/** ACSE association response (IEC 62056-5-3). */
export interface AareApdu {
  readonly type: "aare";
  /** True when protocol-version (version 1, which is the default) is written out, as some peers do. */
  readonly protocolVersion?: boolean | undefined;
  readonly applicationContext: ApplicationContext;
  /** 0 accepted, 1 rejected-permanent, 2 rejected-transient. */
  readonly result: number;
  /** Which table the diagnostic number is from. */
  readonly diagnosticSource: "acse-service-user" | "acse-service-provider";
  readonly diagnostic: number;
  readonly respondingApTitle?: Uint8Array | undefined;
  readonly mechanism?: AuthenticationMechanism | undefined;
  readonly respondingAuthenticationValue?: Uint8Array | undefined;
  readonly userInformation?: Uint8Array | undefined;
}

/** ACSE release request or response (IEC 62056-5-3). */
export interface ReleaseApdu {
  readonly type: "rlrq" | "rlre";
  /** 0 normal, 1 urgent (request) or not-finished (response), 30 user-defined. */
  readonly reason?: number | undefined;
  readonly userInformation?: Uint8Array | undefined;
  /** Set when a decoder had to take the octets at hand because a BER length was wrong (seen in the field). */
  readonly lengthFault?: boolean | undefined;
}

/** Octets ciphered as one of the service-specific (glo-, ded-) or general forms; see security.ts. */
export interface CipheredApdu {
  readonly type: "ciphered";
  /** The wire tag: 0x21, 0x28, 0xC8 … 0xCF (glo), 0xD0 … 0xD7 (ded), 0xDB general-glo, 0xDC general-ded. */
  readonly tag: number;
  /** Only in the general forms, and always there: 8 octets, or none when the peer leaves it out. */
  readonly systemTitle?: Uint8Array | undefined;
  /** Security header, ciphertext and authentication tag; at least the header's 5 octets. */
  readonly payload: Uint8Array;
}

/** General-Block-Transfer: a part of any other APDU, ciphered as that may be, or an acknowledgement without data. */
export interface GeneralBlockApdu {
  readonly type: "general-block";
  readonly last: boolean;
  /** True when more blocks follow before it is the peer's turn. */
  readonly streaming: boolean;
  /** Blocks that the sender of this one takes in a row, 0 … 63; 0 asks for no acknowledgement. */
  readonly window: number;
  /** 0 … 65535, counted from 1. */
  readonly number: number;
  /** The last block of the peer's before which none is missing, 0 … 65535. */
  readonly acknowledged: number;
  readonly raw: Uint8Array;
}

/** Every APDU that the library reads and writes, after deciphering. */
export type Apdu =
  | GeneralBlockApdu
  | AarqApdu
  | AareApdu
  | ReleaseApdu
  | CipheredApdu
  | ({ readonly type: "initiate-request" } & InitiateRequest)
  | ({ readonly type: "initiate-response" } & InitiateResponse)
  | { readonly type: "get-request-normal"; readonly invoke: InvokeId; readonly attribute: AttributeReference }
  | { readonly type: "get-request-next"; readonly invoke: InvokeId; readonly blockNumber: number }
  | {
      readonly type: "get-request-with-list";
      readonly invoke: InvokeId;
      readonly attributes: readonly AttributeReference[];
    }
  | { readonly type: "get-response-normal"; readonly invoke: InvokeId; readonly result: GetResult }
  | {
      readonly type: "get-response-with-datablock";
      readonly invoke: InvokeId;
      readonly block: { readonly last: boolean; readonly number: number } & (
        | { readonly raw: Uint8Array }
        | { readonly error: Exclude<DataAccessResult, "success"> }
      );
    }
  | { readonly type: "get-response-with-list"; readonly invoke: InvokeId; readonly results: readonly GetResult[] }
  | {
      readonly type: "set-request-normal";
      readonly invoke: InvokeId;
      readonly attribute: AttributeReference;
      readonly value: CosemData;
    }
  | {
      readonly type: "set-request-with-first-datablock";
      readonly invoke: InvokeId;
      readonly attribute: AttributeReference;
      readonly block: DataBlock;
    }
  | { readonly type: "set-request-with-datablock"; readonly invoke: InvokeId; readonly block: DataBlock }
  | {
      readonly type: "set-request-with-list";
      readonly invoke: InvokeId;
      readonly attributes: readonly AttributeReference[];
      readonly values: readonly CosemData[];
    }
  | {
      readonly type: "set-request-with-list-and-first-datablock";
      readonly invoke: InvokeId;
      readonly attributes: readonly AttributeReference[];
      readonly block: DataBlock;
    }
  | { readonly type: "set-response-normal"; readonly invoke: InvokeId; readonly result: DataAccessResult }
  | { readonly type: "set-response-datablock"; readonly invoke: InvokeId; readonly blockNumber: number }
  | {
      readonly type: "set-response-last-datablock";
      readonly invoke: InvokeId;
      readonly result: DataAccessResult;
      readonly blockNumber: number;
    }
  | {
      readonly type: "set-response-last-datablock-with-list";
      readonly invoke: InvokeId;
      readonly results: readonly DataAccessResult[];
      readonly blockNumber: number;
    }
  | {
      readonly type: "set-response-with-list";
      readonly invoke: InvokeId;
      readonly results: readonly DataAccessResult[];
    }
  | {
      readonly type: "action-request-normal";
      readonly invoke: InvokeId;
      readonly method: MethodReference;
      readonly parameters?: CosemData | undefined;
    }
  | { readonly type: "action-request-next-pblock"; readonly invoke: InvokeId; readonly blockNumber: number }
  | {
      readonly type: "action-request-with-list";
      readonly invoke: InvokeId;
      readonly methods: readonly MethodReference[];
      readonly parameters: readonly CosemData[];
    }
  | {
      readonly type: "action-request-with-first-pblock";
      readonly invoke: InvokeId;
      readonly method: MethodReference;
      readonly block: DataBlock;
    }
  | {
      readonly type: "action-request-with-list-and-first-pblock";
      readonly invoke: InvokeId;
      readonly methods: readonly MethodReference[];
      readonly block: DataBlock;
    }
  | { readonly type: "action-request-with-pblock"; readonly invoke: InvokeId; readonly block: DataBlock }
  | { readonly type: "action-response-normal"; readonly invoke: InvokeId; readonly response: ActionResponse }
  | { readonly type: "action-response-with-pblock"; readonly invoke: InvokeId; readonly block: DataBlock }
  | {
      readonly type: "action-response-with-list";
      readonly invoke: InvokeId;
      readonly responses: readonly ActionResponse[];
    }
  | { readonly type: "action-response-next-pblock"; readonly invoke: InvokeId; readonly blockNumber: number }
  | {
      readonly type: "exception-response";
      readonly stateError: number;
      readonly serviceError: number;
      /** Present with service-error 6 (invocation-counter-error): the counter that the server expects. */
      readonly expectedInvocationCounter?: number | undefined;
    }
  | {
      readonly type: "confirmed-service-error";
      /** The service that failed: 1 initiateError, 5 read, 6 write. */
      readonly service: number;
      /** The ServiceError alternative: 0 application-reference … 6 initiate, … */
      readonly category: number;
      readonly value: number;
    }
  | {
      readonly type: "data-notification";
      /** Long-Invoke-Id-And-Priority, 32 bits as on the wire. */
      readonly longInvokeIdAndPriority: number;
      /** The date-time octets as sent: 12 or none; other lengths are passed on as they are. */
      readonly dateTime: Uint8Array;
      readonly body: CosemData;
    }
  | {
      readonly type: "event-notification-request";
      readonly time?: Uint8Array | undefined;
      readonly attribute: Omit<AttributeReference, "access">;
      readonly value: CosemData;
    }
  | { readonly type: "read-request"; readonly variables: readonly VariableAccess[] }
  | { readonly type: "read-response"; readonly results: readonly ReadResult[] }
  | {
      readonly type: "write-request";
      readonly variables: readonly VariableAccess[];
      readonly values: readonly CosemData[];
    }
  | { readonly type: "write-response"; readonly results: readonly WriteResult[] };

/** Short-name referencing: Variable-Access-Specification. Names and block numbers are 0 … 65535. */
export type VariableAccess =
  | { readonly shortName: number; readonly access?: SelectiveAccess | undefined }
  /** block-number-access: asks for the next part of a long answer. */
  | { readonly blockNumber: number }
  /** read-data-block-access: a part of a read-request that is too long for one APDU. */
  | { readonly block: DataBlock }
  /** write-data-block-access: announces a part of a write-request; the part itself is the octet-string among the values. */
  | { readonly writeBlock: { readonly last: boolean; readonly number: number } };

/** One result of a read-response: the data or why not, a part of a long answer, or the block that was taken in. */
export type ReadResult = GetResult | { readonly block: DataBlock } | { readonly blockNumber: number };

/** One result of a write-response; a number is that of the block that was taken in. */
export type WriteResult = DataAccessResult | { readonly blockNumber: number };
