import { type GsmDiagnostic, getGsmDiagnostic } from "../../../operations/management/get-gsm-diagnostic.ts";
import type { smManagement as wire } from "../../generated/index.ts";
import { printable } from "../values.ts";
import { nothing, wireForm } from "../wire-form.ts";

const WEAKEST_DBM = -113;
const STRONGEST_DBM = -51;

function signalQuality(dbm: number | undefined): wire.SignalQuality {
  if (dbm === undefined) return "NOT_KNOWN_OR_NOT_DETECTABLE";
  if (dbm <= WEAKEST_DBM) return "MINUS_113_DBM_OR_LESS";
  if (dbm >= STRONGEST_DBM) return "MINUS_51_DBM_OR_GREATER";
  return `MINUS_${-dbm}_DBM` as wire.SignalQuality;
}

const fromCell = ({ cellId, signalDbm }: GsmDiagnostic["adjacentCells"][number]): wire.AdjacentCellInfo => ({
  CellId: cellId,
  SignalQuality: signalQuality(signalDbm),
});

/** The schema demands a neighbour: a modem that hears none has one without a number and a signal. */
const NO_NEIGHBOUR = fromCell({ cellId: 0 });

function fromDiagnostic(diagnostic: GsmDiagnostic): wire.GetGsmDiagnosticResponseData {
  const { operator, registration, circuitSwitched, packetSwitched, cell, adjacentCells, captureTimeMs } = diagnostic;
  return {
    Operator: printable(operator),
    ModemRegistrationStatus: registration as wire.ModemRegistrationStatus,
    CircuitSwitchedStatus: circuitSwitched as wire.CircuitSwitchedStatus,
    PacketSwitchedStatus: packetSwitched as wire.PacketSwitchedStatus,
    CellInfo: {
      CellId: cell.cellId,
      LocationId: cell.locationId,
      SignalQuality: signalQuality(cell.signalDbm),
      BitErrorRate: cell.bitErrorRate,
      MobileCountryCode: cell.mobileCountryCode,
      MobileNetworkCode: cell.mobileNetworkCode,
      ChannelNumber: cell.channelNumber,
    },
    AdjacentCells: adjacentCells.length === 0 ? [NO_NEIGHBOUR] : adjacentCells.map(fromCell),
    CaptureTime: new Date(captureTimeMs),
  };
}

export const getGsmDiagnosticForm = wireForm(getGsmDiagnostic, "sm-management:GetGsmDiagnostic", {
  request: nothing,
  response: (result) => ({ Result: "OK", GetGsmDiagnosticResponseData: fromDiagnostic(result) }),
  bundle: {
    element: "GetGsmDiagnosticRequest",
    request: nothing,
    answer: "GetGsmDiagnosticResponse",
    response: (result) => ({ Result: "OK", ...fromDiagnostic(result) }),
  },
});
