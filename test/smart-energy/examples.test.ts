import assert from "node:assert/strict";
import { readEvent } from "../../src/adapters/smart-energy/events.ts";
import {
  CANCEL_ALL_LOAD_CONTROL_EVENTS,
  LOAD_CONTROL_EVENT,
} from "../../src/adapters/smart-energy/records/load-control.ts";
import { MESSAGE_CONFIRMATION } from "../../src/adapters/smart-energy/records/messages.ts";
import { GET_PROFILE_RESPONSE } from "../../src/adapters/smart-energy/records/metering.ts";
import { PUBLISH_PRICE } from "../../src/adapters/smart-energy/records/prices.ts";
import { ManualClock } from "../../src/lib/clock.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { SimulatedGateway } from "../../src/simulators/smart-energy/gateway.ts";
import { execute } from "../../src/simulators/smart-energy/gateway-commands.ts";
import { NODE_DEFAULTS } from "../../src/simulators/smart-energy/node.ts";
import { childNamed, childText, formatElement, parseElement, type RpcElement } from "../../src/smart-energy/element.ts";
import { RESPONSE_STYLE, readRecord, recordOf, writeRecord } from "../../src/smart-energy/records.ts";
import { readSciReply } from "../../src/smart-energy/sci.ts";

/*
 * Documents in the manner of the interface's published examples, by the facts that its documentation and its clients give:
 * what stands in hexadecimal, what lacks a type, which fields are left out, which type names are wrong.
 */

const CREATE = `<create_DRLC_event synchronous="true">
  <record type="LoadControlEventRecord">
    <issuer_event_id>0x12345678</issuer_event_id>
    <device_class>0xFFF</device_class>
    <utility_enrollment_group>0x00</utility_enrollment_group>
    <start_time>0x0</start_time>
    <duration_in_minutes>0x100</duration_in_minutes>
    <criticality_level>0x1</criticality_level>
    <cooling_temperature_offset>0x0a</cooling_temperature_offset>
    <heating_temperature_offset>0xFF</heating_temperature_offset>
    <duty_cycle>255</duty_cycle>
    <event_control>0x0</event_control>
  </record>
</create_DRLC_event>`;

const CREATED = `<create_DRLC_event_response>
  <source_endpoint_id type="int">0x5E</source_endpoint_id><cluster_id type="int">0x701</cluster_id>
  <status type="int">0x0</status>
  <record type="LoadControlEventRecord">
    <issuer_event_id type="int">0x12345678</issuer_event_id><device_class type="int">0xFFF</device_class>
    <utility_enrollment_group type="int">0</utility_enrollment_group><start_time type="int">0</start_time>
    <duration_in_minutes>0x100</duration_in_minutes><criticality_level type="int">0x1</criticality_level>
    <cooling_temperature_offset type="int">0xA</cooling_temperature_offset>
    <heating_temperature_offset type="int">0xFF</heating_temperature_offset>
    <duty_cycle type="int">0xFF</duty_cycle><event_control type="int">0x0</event_control>
  </record>
  <device_list type="list"><item type="MAC">00:13:A2:00:40:0A:00:01</item></device_list>
</create_DRLC_event_response>`;

const STATUS = `<received_report_event_status timestamp="1262304000.25">
  <source_address type="MAC">00:13:A2:00:40:0A:00:01</source_address><source_endpoint_id type="int">0x1</source_endpoint_id>
  <destination_endpoint_id type="int">0x5E</destination_endpoint_id><cluster_id type="int">0x701</cluster_id>
  <record type="ReportEventStatusRecord">
    <issuer_event_id type="int">0x12345678</issuer_event_id><event_status type="int">0x2</event_status>
    <event_status_time type="int">0x12CFF780</event_status_time><criticality_level_applied type="int">0x1</criticality_level_applied>
    <cooling_temperature_set_point_applied type="int">0x8000</cooling_temperature_set_point_applied>
    <heating_temperature_set_point_applied type="int">0x8000</heating_temperature_set_point_applied>
    <average_load_adjustment_percentage_applied type="int">-0x80</average_load_adjustment_percentage_applied>
    <duty_cycle_applied type="int">0xFF</duty_cycle_applied><event_control type="int">0x0</event_control>
    <signature_type type="int">0x0</signature_type><signature type="base16">${"0".repeat(84)}</signature>
  </record>
</received_report_event_status>`;

const PRICE = `<record type="PublishPriceRecord">
  <provider_id type="int">0xFFFFFFFF</provider_id><rate_label type="string">Tier 3</rate_label>
  <issuer_event_id type="int">0x1</issuer_event_id><start_time type="int">0x0</start_time><price type="int">0x78</price>
  <price_trailing_digit_and_price_tier type="int">0x33</price_trailing_digit_and_price_tier>
  <number_of_price_tiers_and_register_tier type="int">0x43</number_of_price_tiers_and_register_tier>
  <duration_in_minutes>0x3C</duration_in_minutes><unit_of_measure type="int">0x0</unit_of_measure>
  <currency type="int">0x348</currency><price_ratio type="int">0xFF</price_ratio>
  <generation_price type="int">0xFFFFFFFF</generation_price><generation_price_ratio type="int">0xFF</generation_price_ratio>
  <alternate_cost_delivered type="int">0xFFFFFFFF</alternate_cost_delivered>
  <alternate_cost_unit type="int">0x1</alternate_cost_unit>
  <alternate_cost_trailing_digit type="int">0xFF</alternate_cost_trailing_digit>
</record>`;

const PROFILE = `<get_meter_profile_response>
  <source_address type="MAC">00:13:A2:00:40:0A:00:01</source_address><source_endpoint_id type="int">0x1</source_endpoint_id>
  <destination_endpoint_id type="int">0x5E</destination_endpoint_id><profile_id>0x109</profile_id>
  <cluster_id type="int">0x702</cluster_id><server_or_client type="int">0</server_or_client>
  <record type="GetProfileResponseRecord">
    <end_time type="int">12345678</end_time><status type="int">0x0</status><profile_interval_period type="int">0</profile_interval_period>
    <intervals type="list">${[0xab8000, 0xab7000, 0xab6000, 0xab5000, 0xab4000, 0xab3000, 0xab2000, 0xffffff].map((each) => `<item type="int">0x${each.toString(16).toUpperCase()}</item>`).join("")}</intervals>
  </record>
</get_meter_profile_response>`;

/** Every type that is written, by the path of names. */
function typesOf(element: RpcElement, path = ""): string[] {
  const own = `${path}/${element.name}`;
  return [`${own}=${element.attributes.type ?? ""}`, ...element.children.flatMap((child) => typesOf(child, own))];
}

describe("the interface's examples", () => {
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const gateway = new SimulatedGateway(
    {
      ...{
        deviceId: "00000000-00000000-AABBCCFF-FFDDEEFF",
        mac: "0013A20040000001",
        release: "1.5",
        overlaps: "newer",
      },
      ...{ sides: ["server"], usesPush: false, firmware: "1" },
    },
    { clock, random: systemRandom },
  );
  gateway.addNode({ ...NODE_DEFAULTS, mac: "0013A200400A0001" });

  it("of creating an event is read, executed, and answered as the example is", () => {
    const answer = execute(gateway, parseElement(CREATE));
    assert.equal(childText(answer, "status"), "0x0", formatElement(answer));
    const expected = parseElement(CREATED);
    const fields = (element: RpcElement) => readRecord(recordOf(element)!, "LoadControlEventRecord").values;
    assert.deepEqual(fields(answer), fields(expected));
    // As printed, but for the fields that lack a type.
    const printed = typesOf(expected).filter((each) => !each.includes("duration"));
    assert.deepEqual(
      typesOf(answer).filter((each) => !each.includes("duration")),
      printed,
    );
    assert.equal(childText(answer, "source_endpoint_id"), "0x5E");
    assert.equal(childText(answer, "cluster_id"), "0x701");
    assert.equal(childNamed(answer, "device_list")?.children[0]?.text, "00:13:A2:00:40:0A:00:01");
  });

  it("of a created event says what it says, and nothing of what it leaves out", () => {
    const record = LOAD_CONTROL_EVENT.decode(recordOf(parseElement(CREATED))!);
    assert.deepEqual(record, {
      ...{ eventId: 0x12345678, enrollmentGroup: 0, duration: 256, criticality: "GREEN" },
      ...{ deviceClass: record.deviceClass, coolingTemperatureOffset: "1.0" },
      ...{ randomiseStart: false, randomiseEnd: false, rawField: [] },
    });
    assert.equal(record.deviceClass.length, 12);
    const values = LOAD_CONTROL_EVENT.encode(record);
    const again = LOAD_CONTROL_EVENT.decode(writeRecord(values, "LoadControlEventRecord", RESPONSE_STYLE));
    assert.deepEqual(again, record);
  });

  it("of a reported status takes 0x8000 and -0x80 as nothing", () => {
    const event = readEvent(parseElement(STATUS))!;
    assert.deepEqual([event.kind, event.atMs], ["RECEIVED_REPORT_EVENT_STATUS", 1_262_304_000_250]);
    assert.deepEqual(event.content, {
      ...{
        sourceAddress: "0013A200400A0001",
        sourceEndpoint: 1,
        endpoint: 0x5e,
        status: undefined,
        loadControlEvent: [],
      },
      reportEventStatus: {
        ...{
          eventId: 0x12345678,
          eventStatus: "STARTED",
          eventStatusTimeMs: Date.UTC(2010, 0, 1),
          criticality: "GREEN",
        },
        ...{
          randomiseStart: false,
          randomiseEnd: false,
          signatureType: "NONE",
          signatureHex: "0".repeat(84),
          rawField: [],
        },
      },
    });
    const short = STATUS.replace(/<signature_type[\s\S]*<\/signature>/, "");
    assert.equal(readEvent(parseElement(short))!.content.reportEventStatus?.signatureHex, undefined);
    const unknown = readEvent(
      parseElement(STATUS.replace('event_status type="int">0x2', 'event_status type="int">0x77')),
    )!;
    assert.deepEqual(unknown.content.reportEventStatus?.rawField, [{ name: "event_status", value: "0x77" }]);
  });

  it("of a price is 0.120 a kilowatt-hour in tier 3 of 4", () => {
    assert.deepEqual(PUBLISH_PRICE.decode(parseElement(PRICE)), {
      ...{ eventId: 1, rateLabel: "Tier 3", unitOfMeasure: "KWH", currency: "USD", price: "0.120", priceTier: 3 },
      ...{ numberOfPriceTiers: 4, registerTier: 3, duration: 60, alternateCostUnit: 1, rawField: [] },
    });
  });

  it("of a profile has eight intervals of a day, the newest first, one of them without a value", () => {
    const profile = GET_PROFILE_RESPONSE.decode(recordOf(parseElement(PROFILE))!);
    assert.equal(profile.interval.length, 8);
    assert.deepEqual([profile.status, profile.intervalPeriod, profile.rawField], ["SUCCESS", 86_400, []]);
    assert.equal(profile.interval[0]!.increment, 0xab8000);
    assert.equal(profile.interval[0]!.endTimeMs! - profile.interval[1]!.endTimeMs!, 86_400_000);
    assert.equal(profile.interval[7]!.increment, undefined);
  });

  it("of cancelling all has the type name of another record, and a confirmation a small letter", () => {
    const slip = parseElement(
      '<record type="CancelLoadControlEventRecord"><cancel_control>0x1</cancel_control></record>',
    );
    assert.deepEqual(CANCEL_ALL_LOAD_CONTROL_EVENTS.decode(slip), { endRandomly: true, rawField: [] });
    const small = parseElement('<record type="messageConfirmationRecord"><message_id>0x5</message_id></record>');
    assert.deepEqual(MESSAGE_CONFIRMATION.decode(small), { messageId: 5, rawField: [] });
    const command = parseElement(
      '<cancel_all_DRLC_events><record type="CancelLoadControlEventRecord"><cancel_control>0x1</cancel_control></record></cancel_all_DRLC_events>',
    );
    assert.equal(childText(execute(gateway, command), "status"), "0x0");
  });

  it("of replies are read with the wrapper of responses and without, and with each kind of error", () => {
    const inside = `<create_price_event_response timestamp="1"><status>0x0</status></create_price_event_response>`;
    const reply = (content: string) =>
      `<sci_reply version="1.0"><send_message><device id="00000000-00000000-aabbccff-ffddeeff">${content}</device></send_message></sci_reply>`;
    const rci = (content: string) =>
      `<rci_reply version="1.1"><do_command target="RPC_request">${content}</do_command></rci_reply>`;
    for (const [content, remaining] of [
      [rci(`<responses remaining="3" timestamp="1.5">${inside}</responses>`), 3],
      [rci(inside), 0],
    ] as const) {
      const [device] = readSciReply(reply(content)).devices;
      assert.equal(device?.deviceId, "00000000-00000000-AABBCCFF-FFDDEEFF");
      assert.deepEqual(
        [device.elements.map(({ name }) => name), device.remaining],
        [["create_price_event_response"], remaining],
      );
    }
    const offline = readSciReply(reply('<error id="2001"><desc>Device Not Connected</desc></error>'));
    assert.deepEqual(offline.devices[0]?.error, { id: "2001", text: "Device Not Connected" });
    assert.equal(
      readSciReply("<wsError><error><code>403</code><message>No</message></error></wsError>").error,
      "403 No",
    );
    assert.equal(readSciReply("<sci_reply><send_message><jobId> 482 </jobId></send_message></sci_reply>").jobId, "482");
    assert.equal(readSciReply("<sci_reply><status>in_progress</status></sci_reply>").isComplete, false);
    assert.throws(() => readSciReply("<html/>"), { name: "SmartEnergyFormatError" });
  });
});
