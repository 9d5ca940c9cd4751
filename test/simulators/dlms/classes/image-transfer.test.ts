import assert from "node:assert/strict";
import { asBitString, asElements, asNumber, asOctets, cosem, isBitSet } from "../../../../src/dlms/data.ts";
import { imageTransfer } from "../../../../src/simulators/dlms/behaviours.ts";
import {
  BLOCK_SIZE,
  IMAGE_STATUS,
  IMAGE_TRANSFER_STATE,
  receivedImage,
} from "../../../../src/simulators/dlms/classes/image-transfer.ts";
import type { Meter } from "../../../../src/simulators/dlms/meter.ts";
import { seededRandom } from "../../../../src/simulators/dlms/random.ts";
import { invoke, meterUnderTest, set, value } from "../test-meter.ts";

const IMAGE_TRANSFER = "18/0.0.44.0.0.255";
const IMAGE = seededRandom("image").bytes(10 * BLOCK_SIZE + 17);
const BLOCKS = 11;

const status = (meter: Meter) => asNumber(value(meter, `${IMAGE_TRANSFER}/6`));
const firstMissing = (meter: Meter) => asNumber(value(meter, `${IMAGE_TRANSFER}/4`));
const start = cosem.integer(0);

function initiate(meter: Meter, identifier = "NEW_FIRMWARE", size = IMAGE.length) {
  const name = cosem.octetString(new Uint8Array(Buffer.from(identifier)));
  return invoke(meter, `${IMAGE_TRANSFER}/1`, cosem.structure([name, cosem.doubleLongUnsigned(size)]));
}

function send(meter: Meter, block: number, octets = IMAGE.subarray(block * BLOCK_SIZE, (block + 1) * BLOCK_SIZE)) {
  const parameters = cosem.structure([cosem.doubleLongUnsigned(block), cosem.octetString(octets)]);
  return invoke(meter, `${IMAGE_TRANSFER}/2`, parameters);
}

/** A meter to which every block of the image came. */
function withImage(identifier?: string, blockLoss = 0) {
  const { meter, clock } = meterUnderTest();
  meter.behaviours.add(imageTransfer({ blockLoss }));
  assert.equal(set(meter, `${IMAGE_TRANSFER}/5`, cosem.boolean(true)), "success");
  assert.equal(initiate(meter, identifier), "success");
  for (let block = 0; block < BLOCKS; block++) assert.equal(send(meter, block), "success");
  return { meter, clock };
}

describe("the image transfer of a simulated meter", () => {
  it("takes blocks of 216 octets with a shorter last one, and holds the image that was sent", () => {
    const { meter } = withImage();
    assert.equal(asNumber(value(meter, `${IMAGE_TRANSFER}/2`)), 216);
    assert.equal(firstMissing(meter), BLOCKS);
    assert.deepEqual(receivedImage(meter), IMAGE);
    assert.equal(status(meter), IMAGE_STATUS.initiated);
  });

  it("refuses to begin and to take blocks while it is not enabled", () => {
    const { meter } = meterUnderTest();
    assert.equal(initiate(meter), "other-reason");
    assert.equal(send(meter, 0), "other-reason");
    assert.equal(status(meter), IMAGE_STATUS.notInitiated);
  });

  it("refuses blocks of a wrong length and beyond the end", () => {
    const { meter } = withImage();
    assert.equal(send(meter, 0, IMAGE.subarray(0, 10)), "other-reason");
    assert.equal(send(meter, 10, new Uint8Array(BLOCK_SIZE)), "other-reason");
    assert.equal(send(meter, 11, new Uint8Array(BLOCK_SIZE)), "other-reason");
  });

  it("acknowledges blocks that it loses, and names the first one that is missing", () => {
    const { meter } = withImage("NEW_FIRMWARE", 0.3);
    const lost = firstMissing(meter);
    assert.ok(lost < BLOCKS, "some block of eleven is lost with this seed");
    const bits = asBitString(value(meter, `${IMAGE_TRANSFER}/3`));
    assert.equal(bits.length, BLOCKS);
    assert.equal(isBitSet(bits, lost), false);
    let sent = 0;
    for (let block = lost; block < BLOCKS && sent < 100; block = firstMissing(meter), sent++) send(meter, block);
    assert.equal(firstMissing(meter), BLOCKS);
    assert.deepEqual(receivedImage(meter), IMAGE);
  });

  it("loses about three of a hundred blocks on delivery", () => {
    const { meter } = meterUnderTest();
    set(meter, `${IMAGE_TRANSFER}/5`, cosem.boolean(true));
    initiate(meter, "BIG", 2000 * BLOCK_SIZE);
    for (let block = 0; block < 2000; block++) send(meter, block, new Uint8Array(BLOCK_SIZE));
    const kept = meter.state(IMAGE_TRANSFER_STATE).blocks.size;
    assert.ok(kept > 1900 && kept < 1980, `${kept} of 2000 blocks were kept`);
  });

  it("verifies a complete image, and tells what can be activated", () => {
    const { meter } = withImage();
    assert.equal(invoke(meter, `${IMAGE_TRANSFER}/3`, start), "success");
    assert.equal(status(meter), IMAGE_STATUS.verificationSuccessful);
    const [image] = asElements(value(meter, `${IMAGE_TRANSFER}/7`));
    const [size, identifier, signature] = asElements(image!);
    assert.equal(asNumber(size!), IMAGE.length);
    assert.equal(Buffer.from(asOctets(identifier!)).toString(), "NEW_FIRMWARE");
    assert.deepEqual(asOctets(signature!), IMAGE.slice(0, 4));
  });

  it("fails to verify an image with missing blocks, and one whose identifier ends with .corrupt", () => {
    const { meter } = meterUnderTest();
    set(meter, `${IMAGE_TRANSFER}/5`, cosem.boolean(true));
    initiate(meter);
    assert.equal(invoke(meter, `${IMAGE_TRANSFER}/3`, start), "other-reason");
    assert.equal(status(meter), IMAGE_STATUS.verificationFailed);

    const corrupt = withImage("FIRMWARE.corrupt").meter;
    assert.equal(invoke(corrupt, `${IMAGE_TRANSFER}/3`, start), "other-reason");
    assert.equal(status(corrupt), IMAGE_STATUS.verificationFailed);
    assert.deepEqual(value(corrupt, `${IMAGE_TRANSFER}/7`), cosem.array([]));
  });

  it("answers temporary-failure while a verification takes its time", () => {
    const { meter, clock } = withImage();
    meter.behaviours.add(imageTransfer({ verificationMs: 15_000 }));
    assert.equal(invoke(meter, `${IMAGE_TRANSFER}/3`, start), "temporary-failure");
    clock.advance(14_999);
    assert.equal(status(meter), IMAGE_STATUS.verificationInitiated);
    assert.equal(invoke(meter, `${IMAGE_TRANSFER}/3`, start), "temporary-failure");
    clock.advance(1);
    assert.equal(status(meter), IMAGE_STATUS.verificationSuccessful);
  });

  it("activates within 20 seconds, answering temporary-failure meanwhile", () => {
    const { meter, clock } = withImage();
    invoke(meter, `${IMAGE_TRANSFER}/3`, start);
    assert.equal(invoke(meter, `${IMAGE_TRANSFER}/4`, start), "temporary-failure");
    assert.equal(status(meter), IMAGE_STATUS.activationInitiated);
    clock.advance(20_000);
    assert.equal(status(meter), IMAGE_STATUS.activationSuccessful);
  });

  it("fails to activate an image with missing blocks", () => {
    const { meter } = meterUnderTest();
    set(meter, `${IMAGE_TRANSFER}/5`, cosem.boolean(true));
    initiate(meter);
    assert.equal(invoke(meter, `${IMAGE_TRANSFER}/4`, start), "other-reason");
    assert.equal(status(meter), IMAGE_STATUS.activationFailed);
  });

  it("refuses an image that is empty or larger than it can keep", () => {
    const { meter } = meterUnderTest();
    set(meter, `${IMAGE_TRANSFER}/5`, cosem.boolean(true));
    assert.equal(initiate(meter, "NONE", 0), "other-reason");
    assert.equal(initiate(meter, "HUGE", 0xffff_ffff), "other-reason");
  });
});
