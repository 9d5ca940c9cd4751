import type { ActionResult } from "../../../dlms/apdu.ts";
import { asElements, asNumber, asOctets, type CosemData } from "../../../dlms/data.ts";
import { DlmsError } from "../../../dlms/errors.ts";
import { unwrapKey } from "../../../dlms/security.ts";
import { parseObis } from "../../../lib/obis.ts";
import { cosemObject, readOnly } from "../cosem-object.ts";
import type { Meter } from "../meter.ts";
import type { MeterKeys } from "../meter-keys.ts";
import type { Shape } from "../shape.ts";
import { enumerated, octetString } from "../values.ts";

/** Key identifiers of global_key_transfer; the broadcast key (1) is refused. */
const KEY_FIELDS: Readonly<Record<number, keyof MeterKeys>> = { 0: "encryptionUnicast", 2: "authentication" };
const TRANSFER: Shape = { array: { structure: ["enum", "octet-string"] }, most: 3 };
const AUTHENTICATED_AND_ENCRYPTED = 3;
const WRAPPED_KEY_OCTETS = 24;
/** The key that was wrapped with this master key; null when it was not. */
function unwrapped(wrapped: Uint8Array, masterKey: Uint8Array): Uint8Array | null {
  if (wrapped.length !== WRAPPED_KEY_OCTETS) return null;
  try {
    return unwrapKey(masterKey, wrapped);
  } catch (error) {
    if (error instanceof DlmsError) return null;
    throw error;
  }
}

/** All keys of one transfer are taken or none; they count from the next APDU on. */
function transferKeys(meter: Meter, parameter: CosemData): ActionResult {
  const transferred: { -readonly [K in keyof MeterKeys]?: MeterKeys[K] } = {};
  for (const element of asElements(parameter)) {
    const [identifier, wrapped] = asElements(element);
    const field = KEY_FIELDS[asNumber(identifier!)];
    const key = field && unwrapped(asOctets(wrapped!), meter.keys.master);
    if (!key) return "other-reason";
    transferred[field] = key;
  }
  meter.stageKeys(transferred);
  return "success";
}

/** Class 64: security policy and suite, system titles, and the method that brings new keys. */
export const SECURITY_SETUP = cosemObject(
  64,
  0,
  parseObis("0.0.43.0.0.255"),
  {
    2: readOnly("enum", enumerated(AUTHENTICATED_AND_ENCRYPTED)),
    3: readOnly("enum", enumerated(0)),
    4: readOnly("octet-string", (meter) => octetString(meter.clientSystemTitle)),
    5: readOnly("octet-string", (meter) => octetString(meter.description.systemTitle)),
  },
  {
    // The policy can only be made stronger, and it is the strongest from the start.
    1: {
      parameter: "enum",
      invoke: (_meter, policy) => (asNumber(policy) === AUTHENTICATED_AND_ENCRYPTED ? "success" : "other-reason"),
    },
    2: { parameter: TRANSFER, invoke: transferKeys },
  },
);
