import { MetergateError } from "../../../domain/errors.ts";
import { type DecimalText, decimalText, shiftDecimal } from "../../../lib/decimal.ts";
import { type PublishPrice, UNITS_OF_MEASURE } from "../../../operations/smart-energy.ts";
import { CURRENCY_NUMBERS } from "./currencies.ts";
import { code, codesFrom, number, parts, text, time } from "./members.ts";
import { openDuration } from "./messages.ts";
import { type Member, recordCodec } from "./record-codec.ts";

const NONE = 0xffff_ffff;
const TIER_FIELD = "price_trailing_digit_and_price_tier";
const COST_DIGITS = "alternate_cost_trailing_digit";
/** What gateways take when a request says nothing: two digits and no tier. */
const USUAL_TIERS = 0x20;

const fractionOf = (value: DecimalText) => value.split(".")[1]?.length ?? 0;

/** @throws MetergateError VALIDATION_ERROR when the digits come to more than 32 bits */
function steps(name: string, value: DecimalText, places: number): number {
  const count = Number(shiftDecimal(value, places));
  if (count <= NONE) return count;
  throw new MetergateError("VALIDATION_ERROR", `${name} ${value} has more digits than a price can have`);
}

/** Price and price of generation share the number of digits behind the point, which a field holds beside the tier. */
const PRICES: Member = {
  unused: { generation_price: [NONE] },
  read(values, record) {
    const tiers = values[TIER_FIELD] ?? USUAL_TIERS;
    const places = Number(tiers) >> 4;
    const { price, generation_price: generation } = values;
    if (typeof price === "number") record.price = decimalText(price, -places);
    if (typeof generation === "number" && generation !== NONE)
      record.generationPrice = decimalText(generation, -places);
    if (values[TIER_FIELD] !== undefined) record.priceTier = Number(tiers) & 0x0f;
  },
  write(record, values) {
    const { price, generationPrice, priceTier = 0 } = record as Partial<PublishPrice>;
    const places = Math.max(...[price, generationPrice].map((each) => (each === undefined ? 0 : fractionOf(each))));
    values[TIER_FIELD] = (places << 4) | priceTier;
    if (price !== undefined) values.price = steps("Price", price, places);
    if (generationPrice !== undefined) values.generation_price = steps("GenerationPrice", generationPrice, places);
  },
};

const ALTERNATE_COST: Member = {
  unused: { alternate_cost_delivered: [NONE], [COST_DIGITS]: [0xff] },
  read(values, record) {
    const { alternate_cost_delivered: cost, [COST_DIGITS]: digits } = values;
    if (typeof cost !== "number" || cost === NONE) return;
    record.alternateCost = decimalText(cost, digits === undefined || digits === 0xff ? 0 : -(Number(digits) >> 4));
  },
  write(record, values) {
    const cost = record.alternateCost as DecimalText | undefined;
    if (cost === undefined) return;
    const places = fractionOf(cost);
    values.alternate_cost_delivered = steps("AlternateCost", cost, places);
    values[COST_DIGITS] = places << 4;
  },
};

const CURRENCIES = Object.fromEntries(Object.entries(CURRENCY_NUMBERS).map(([letters, value]) => [value, letters]));

const CURRENCY: Member = {
  ...code("currency", "currency", CURRENCIES),
  write(record, values) {
    const letters = record.currency as string | undefined;
    if (letters === undefined) return;
    const value = CURRENCY_NUMBERS[letters];
    if (value === undefined) {
      const told = `Currency ${letters} has no number here; give RawField currency with that of ISO 4217`;
      throw new MetergateError("VALIDATION_ERROR", told);
    }
    values.currency = value;
  },
};

export const PUBLISH_PRICE = recordCodec<PublishPrice>("PublishPriceRecord", [
  number("issuer_event_id", "eventId"),
  number("provider_id", "providerId", { unused: [NONE] }),
  { ...text("rate_label", "rateLabel", 12), unused: { rate_label: [""] } },
  code("unit_of_measure", "unitOfMeasure", codesFrom(0, UNITS_OF_MEASURE)),
  CURRENCY,
  PRICES,
  parts("number_of_price_tiers_and_register_tier", 0x00, [
    { key: "numberOfPriceTiers", mask: 0xf0, shift: 4 },
    { key: "registerTier", mask: 0x0f, shift: 0 },
  ]),
  time("start_time", "startTimeMs", [0]),
  openDuration(),
  number("price_ratio", "priceRatio", { unused: [0xff] }),
  number("generation_price_ratio", "generationPriceRatio", { unused: [0xff] }),
  ALTERNATE_COST,
  number("alternate_cost_unit", "alternateCostUnit"),
]);
