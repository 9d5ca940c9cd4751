import { parseObis } from "../../../lib/obis.ts";
import { type CosemObject, cosemObject, readOnly, writable } from "../cosem-object.ts";
import { DATE, DATE_TIME, LOGICAL_NAME, type Shape, TIME } from "../shape.ts";
import {
  array,
  asciiOctets,
  doubleLongUnsigned,
  enumerated,
  logicalNameOctets,
  longUnsigned,
  structure,
  unsigned,
} from "../values.ts";

const CELL_INFO: Shape = {
  structure: [
    "double-long-unsigned",
    "long-unsigned",
    "unsigned",
    "unsigned",
    "long-unsigned",
    "long-unsigned",
    "double-long-unsigned",
  ],
};

/** Class 47: the mobile network as the modem sees it; `packetStatus` is the number of the technology in attribute 5. */
export function gsmDiagnostic(logicalName: string, operator: string, packetStatus: number): CosemObject {
  const cell = structure(
    doubleLongUnsigned(77),
    longUnsigned(2230),
    unsigned(13),
    unsigned(6),
    longUnsigned(204),
    longUnsigned(66),
    doubleLongUnsigned(107),
  );
  return cosemObject(47, 1, parseObis(logicalName), {
    2: readOnly("octet-string", asciiOctets(operator)),
    3: readOnly("enum", enumerated(1)),
    4: readOnly("enum", enumerated(0)),
    5: readOnly("enum", enumerated(packetStatus)),
    6: readOnly(CELL_INFO, cell),
    7: readOnly(
      { array: { structure: ["double-long-unsigned", "unsigned"] } },
      array([structure(doubleLongUnsigned(93), unsigned(11)), structure(doubleLongUnsigned(94), unsigned(8))]),
    ),
    8: readOnly(DATE_TIME, (meter) => meter.dateTime(meter.nowMs())),
  });
}

/** Class 77: how well the device on an M-Bus channel is heard. */
export function mbusDiagnostic(channel: number): CosemObject {
  return cosemObject(77, 0, parseObis(`0.${channel}.24.9.0.255`), {
    2: readOnly("unsigned", unsigned(70)),
    3: readOnly("unsigned", unsigned(channel)),
    4: readOnly("enum", enumerated(1)),
    5: readOnly("array", array([])),
    6: readOnly("double-long-unsigned", doubleLongUnsigned(1000)),
    7: readOnly("double-long-unsigned", doubleLongUnsigned(998)),
    8: readOnly("double-long-unsigned", doubleLongUnsigned(2)),
  });
}

/** Class 22: runs one script at given times. */
export function singleActionSchedule(logicalName: string, script: string, selector: number): CosemObject {
  return cosemObject(22, 0, parseObis(logicalName), {
    2: readOnly(
      { structure: [LOGICAL_NAME, "long-unsigned"] },
      structure(logicalNameOctets(parseObis(script)), longUnsigned(selector)),
    ),
    3: readOnly("enum", enumerated(1)),
    4: writable({ array: { structure: [TIME, DATE] } }, array([])),
  });
}
