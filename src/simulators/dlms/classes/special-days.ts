import { asElements, asNumber, type CosemData } from "../../../dlms/data.ts";
import { parseObis } from "../../../lib/obis.ts";
import { cosemObject, writable } from "../cosem-object.ts";
import { DATE, type Shape } from "../shape.ts";
import { array } from "../values.ts";

const ENTRY: Shape = { structure: ["long-unsigned", DATE, "unsigned"] };
/** Blue Book: no bound; the companion standards ask for 30. */
const MOST_DAYS = 30;

const ENTRIES = writable({ array: ENTRY, most: MOST_DAYS }, array([]));

function indexOfEntry(entry: CosemData): number {
  return asNumber(asElements(entry)[0]!);
}

/** Class 11: dates that follow a day profile of their own. */
export const SPECIAL_DAYS_TABLE = cosemObject(
  11,
  0,
  parseObis("0.0.11.0.0.255"),
  { 2: ENTRIES },
  {
    // insert: takes the place of an entry with the same index
    1: {
      parameter: ENTRY,
      invoke: (meter, entry) => {
        const others = asElements(meter.value(ENTRIES)).filter((other) => indexOfEntry(other) !== indexOfEntry(entry));
        if (others.length >= MOST_DAYS) return "other-reason";
        meter.store(ENTRIES, array([...others, entry]));
        return "success";
      },
    },
    // delete: by index
    2: {
      parameter: "long-unsigned",
      invoke: (meter, index) => {
        const before = asElements(meter.value(ENTRIES));
        const after = before.filter((entry) => indexOfEntry(entry) !== asNumber(index));
        if (after.length === before.length) return "other-reason";
        meter.store(ENTRIES, array(after));
        return "success";
      },
    },
  },
);
