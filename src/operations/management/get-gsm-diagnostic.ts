import { defineOperation, type Nothing } from "../operation.ts";

export interface AdjacentCell {
  readonly cellId: number;
  /** dBm, −113 (or less) to −51 (or more) in steps of 2; absent when not known. */
  readonly signalDbm?: number | undefined;
}

/** What a meter tells of its mobile network; the states in the contract's words. */
export interface GsmDiagnostic {
  readonly operator: string;
  readonly registration: string;
  readonly circuitSwitched: string;
  readonly packetSwitched: string;
  readonly cell: AdjacentCell & {
    readonly locationId: number;
    /** Class of the bit error rate: 0 … 7, 99 when not known. */
    readonly bitErrorRate: number;
    readonly mobileCountryCode: number;
    readonly mobileNetworkCode: number;
    readonly channelNumber: number;
  };
  readonly adjacentCells: readonly AdjacentCell[];
  /** Epoch milliseconds. */
  readonly captureTimeMs: number;
}

export const getGsmDiagnostic = defineOperation<Nothing, GsmDiagnostic>({
  name: "GetGsmDiagnostic",
  group: "MANAGEMENT",
  effect: "reads",
  notification: "GET_GSM_DIAGNOSTIC",
  failure: "fault",
});
