import type { ServerAssociation, ServerCiphering } from "../../dlms/server-options.ts";
import type { Asker, Meter, Rights } from "./meter.ts";

/** wPorts, or HDLC client addresses. */
const PUBLIC_CLIENT = 16;
const MANAGEMENT_CLIENT = 1;
/** Octets of the longest APDU that a meter takes and sends unless a behaviour says otherwise. */
const USUAL_PDU_SIZE = 1024;

/** What a client of a meter can associate as; undefined for clients that the meter does not know. */
export function associationFor(meter: Meter | undefined, client: number): ServerAssociation | undefined {
  if (!meter) return undefined;
  const pduSize = meter.behaviours.first((behaviour) => behaviour.maxPduSize) ?? USUAL_PDU_SIZE;
  const conformance = meter.behaviours.first((behaviour) => behaviour.conformance);
  const sizes = { maxReceivePduSize: pduSize, maxSendPduSize: pduSize, conformance };
  if (client === PUBLIC_CLIENT) return { security: { type: "none" }, ...sizes };
  if (client !== MANAGEMENT_CLIENT || meter.description.security === "none") return undefined;
  const ciphering = cipheringOf(meter);
  return {
    security:
      meter.description.security === "hls5"
        ? { type: "hls5", ciphering }
        : { type: "lls", password: meter.keys.password, ciphering },
    ...sizes,
  };
}

function cipheringOf(meter: Meter): ServerCiphering {
  const { behaviours } = meter;
  const checksEver = (behaviours.first((behaviour) => behaviour.replayCheck) ?? "ever") === "ever";
  let own = 0;
  const restarts = behaviours.first((behaviour) => behaviour.restartsCounter) ?? false;
  return {
    keys: meter.cipherKeys,
    systemTitle: meter.description.systemTitle,
    invocationCounter: {
      next: () =>
        behaviours.first((behaviour) => behaviour.counter) ?? (restarts ? own++ : meter.invocationCounter.next()),
    },
    lowestClientCounter: checksEver ? meter.expectedInvocationCounter : 0,
    replayAnswer: behaviours.first((behaviour) => behaviour.replayAnswer),
  };
}

/** Everything for those who proved who they are; the public client only reads, unless there is no other one. */
export function rightsOf(meter: Meter, client: number): Rights {
  return client === MANAGEMENT_CLIENT || meter.description.security === "none" ? "all" : "read";
}

/** Whom the association object shows itself to. */
export function askerOf(meter: Meter, client: number, rights: Rights): Asker {
  const isPublic = client === PUBLIC_CLIENT;
  return { client, rights, security: isPublic ? "none" : meter.description.security };
}
