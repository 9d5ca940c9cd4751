import type { CosemData } from "../../../dlms/data.ts";
import { parseObis } from "../../../lib/obis.ts";
import { type CosemObject, cosemObject, writable } from "../cosem-object.ts";
import { DATE_TIME, OBJECT_DEFINITION } from "../shape.ts";
import { array, asciiOctets, enumerated, longUnsigned, structure, unsigned } from "../values.ts";

const TRANSPORT_TCP = 0;
const TRANSPORT_UDP = 1;

/** Transport service and message types of the Blue Book, class 40 version 0; 128 … 255 belong to manufacturers. */
const DESTINATION = {
  structure: ["enum", "octet-string", "enum"],
} as const;

/** Class 40: what is pushed, and where to. `m1` pushes now. */
export function pushSetup(logicalName: string, transport: "tcp" | "udp", messageType: number): CosemObject {
  const name = parseObis(logicalName);
  const destination: CosemData = structure(
    enumerated(transport === "udp" ? TRANSPORT_UDP : TRANSPORT_TCP),
    asciiOctets(""),
    enumerated(messageType),
  );
  return cosemObject(
    40,
    0,
    name,
    {
      2: writable({ array: OBJECT_DEFINITION, most: 32 }, array([])),
      3: writable(DESTINATION, destination),
      4: writable({ array: { structure: [DATE_TIME, DATE_TIME] } }, array([])),
      5: writable("long-unsigned", longUnsigned(0)),
      6: writable("unsigned", unsigned(3)),
      7: writable("long-unsigned", longUnsigned(60)),
    },
    {
      1: {
        parameter: "integer",
        invoke: (meter) => {
          meter.onPush(name);
          return "success";
        },
      },
    },
  );
}

/** The host and port that a send_destination_and_method names, or null when it is empty or no such text. */
export function destinationOf(value: CosemData): { host: string; port: number; transport: "tcp" | "udp" } | null {
  if (value.type !== "structure" || value.value[1]?.type !== "octet-string") return null;
  const text = Buffer.from(value.value[1].value).toString("latin1");
  const match = /^(.+):(\d{1,5})$/.exec(text);
  if (!match || Number(match[2]) > 65535) return null;
  const udp = value.value[0]?.type === "enum" && value.value[0].value === TRANSPORT_UDP;
  return { host: match[1]!.replace(/^\[|\]$/g, ""), port: Number(match[2]), transport: udp ? "udp" : "tcp" };
}
