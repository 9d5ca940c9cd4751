import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";
import { NINE } from "../smart-energy-values.ts";

export const testCase: TestCase = {
  wire: {
    operation: "CreatePriceEvent",
    service: "smart-energy",
    content:
      "<$:Record><$:EventId>9</$:EventId><$:ProviderId>1</$:ProviderId><$:RateLabel>Peak</$:RateLabel>" +
      "<$:UnitOfMeasure>KWH</$:UnitOfMeasure><$:Currency>EUR</$:Currency><$:PriceTier>3</$:PriceTier>" +
      "<$:NumberOfPriceTiers>4</$:NumberOfPriceTiers><$:RegisterTier>3</$:RegisterTier>" +
      "<$:StartTime>2026-01-31T09:00:00Z</$:StartTime><$:Duration>60</$:Duration><$:Price>0.120</$:Price>" +
      "<$:GenerationPrice>0.08</$:GenerationPrice></$:Record>",
    request: {
      record: {
        eventId: 9,
        providerId: 1,
        rateLabel: "Peak",
        unitOfMeasure: "KWH",
        currency: "EUR",
        priceTier: 3,
        numberOfPriceTiers: 4,
        registerTier: 3,
        startTimeMs: NINE,
        duration: 60,
        price: "0.120",
        generationPrice: "0.08",
        rawField: [],
      },
    },
    result: {
      endpoint: 94,
      record: { eventId: 9, currency: "USD", price: "0.12", alternateCost: "0.5", alternateCostUnit: 1, rawField: [] },
      recipient: [],
    },
    response:
      "<Result>OK</Result><Endpoint>94</Endpoint><Record><EventId>9</EventId><Currency>USD</Currency>" +
      "<Price>0.12</Price><AlternateCost>0.5</AlternateCost><AlternateCostUnit>1</AlternateCostUnit>" +
      "</Record>",
  },
  smartEnergy: {
    expected: ["yes", "yes", "yes"],
    content:
      "<$:Record><$:EventId>90</$:EventId><$:Currency>EUR</$:Currency><$:PriceTier>3</$:PriceTier>" +
      "<$:Duration>60</$:Duration><$:Price>0.120</$:Price></$:Record>",
    arrange(gateway) {
      gateway.prices.clear();
    },
    check(answer, gateway) {
      assert.deepEqual(answer("Price"), ["0.120"]);
      assert.deepEqual(answer("Currency"), ["EUR"]);
      // Prices come back with what the gateway filled in.
      assert.deepEqual(answer("UnitOfMeasure"), ["KWH"]);
      assert.deepEqual(
        [gateway.prices.find(90)?.values.price, gateway.prices.find(90)?.values.price_trailing_digit_and_price_tier],
        [120, 0x33],
      );
    },
  },
};
