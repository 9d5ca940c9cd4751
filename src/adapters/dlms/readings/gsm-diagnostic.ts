import { asElements, asNumber, asStructure, asText, type CosemData } from "../../../dlms/data.ts";

const REGISTRATION = [
  "NOT_REGISTERED",
  "REGISTERED_HOME_NETWORK",
  "NOT_REGISTERED_CURRENT_SEARCH_OPERATOR_TO_REGISTER_TO",
  "REGISTRATION_DENIED",
  "UNKNOWN",
  "REGISTERED_ROAMING",
] as const;
const CIRCUIT_SWITCHED = ["INACTIVE", "INCOMING_CALL", "ACTIVE"] as const;
const PACKET_SWITCHED = [
  "INACTIVE",
  "GPRS",
  "EDGE",
  "UMTS",
  "HSDPA",
  "LTE",
  "CDMA",
  "LTE_CAT_M_18",
  "LTE_NB_IOT",
] as const;

export type ModemRegistrationStatus = (typeof REGISTRATION)[number] | "RESERVED";
export type CircuitSwitchedStatus = (typeof CIRCUIT_SWITCHED)[number] | "RESERVED";
export type PacketSwitchedStatus = (typeof PACKET_SWITCHED)[number] | "RESERVED";

const SIGNAL_NOT_KNOWN = 99;
const STRONGEST_STEP = 31;

/** A mobile network's cell that the modem hears but does not use. */
export interface AdjacentCell {
  readonly cellId: number;
  /** dBm, −113 (or less) to −51 (or more) in steps of 2; undefined when not known. */
  readonly signalDbm: number | undefined;
}

/** The cell that the modem uses. */
export interface CellInfo extends AdjacentCell {
  readonly locationId: number;
  /** Class of the bit error rate as the modem tells it: 0 … 7, 99 when not known. */
  readonly bitErrorRate: number;
  readonly mobileCountryCode: number;
  readonly mobileNetworkCode: number;
  readonly channelNumber: number;
}

/** Attributes 2 to 7 of class 47. */
export interface GsmDiagnostic {
  readonly operator: string;
  readonly registration: ModemRegistrationStatus;
  readonly circuitSwitched: CircuitSwitchedStatus;
  readonly packetSwitched: PacketSwitchedStatus;
  readonly cell: CellInfo;
  readonly adjacentCells: readonly AdjacentCell[];
}

/**
 * What a meter tells of its mobile network.
 * @param attributes numbers 2 to 7, in that order
 * @throws DlmsError `remote/unexpected-type`
 */
export function decodeGsmDiagnostic(
  attributes: readonly [CosemData, CosemData, CosemData, CosemData, CosemData, CosemData],
): GsmDiagnostic {
  const [operator, registration, circuitSwitched, packetSwitched, cell, adjacentCells] = attributes;
  return {
    operator: asText(operator, "operator"),
    registration: REGISTRATION[asNumber(registration, "registration")] ?? "RESERVED",
    circuitSwitched: CIRCUIT_SWITCHED[asNumber(circuitSwitched, "circuit-switched status")] ?? "RESERVED",
    packetSwitched: PACKET_SWITCHED[asNumber(packetSwitched, "packet-switched status")] ?? "RESERVED",
    cell: decodeCell(cell),
    adjacentCells: asElements(adjacentCells, "adjacent cells").map((element) => {
      const [cellId, signal] = asStructure(element, 2, "adjacent cell");
      return { cellId: asNumber(cellId), signalDbm: dbmOf(asNumber(signal)) };
    }),
  };
}

function decodeCell(data: CosemData): CellInfo {
  const numbers = asStructure(data, 7, "cell info").map((element) => asNumber(element, "cell info"));
  const [cellId = 0, locationId = 0, signal = 0, bitErrorRate = 0, country = 0, network = 0, channel = 0] = numbers;
  return {
    cellId,
    locationId,
    signalDbm: dbmOf(signal),
    bitErrorRate,
    mobileCountryCode: country,
    mobileNetworkCode: network,
    channelNumber: channel,
  };
}

/** 0 is −113 dBm or less, 31 is −51 dBm or more. */
function dbmOf(signal: number): number | undefined {
  return signal === SIGNAL_NOT_KNOWN || signal > STRONGEST_STEP ? undefined : -113 + 2 * signal;
}
