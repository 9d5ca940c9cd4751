import assert from "node:assert/strict";
import { Target } from "../notifications/target.ts";
import { run, sample, startWorld, type World } from "./harness.ts";

const METER = "TEST1052000000001";

describe("notifications", () => {
  let world: World;
  let target: Target;
  before(async () => {
    world = await startWorld({ METERGATE_NOTIFY_RETRY_DELAY_MS: "20" });
    target = await Target.open();
  });
  after(async () => {
    await world.stop();
    await target.close();
  });

  it("tell the address of the application that its request ended", async () => {
    const { notifications } = world.service.store;
    await notifications.allow({ organisation: "test-org", origin: new URL(target.url).origin, networks: [] });
    await notifications.setAddress({ organisation: "test-org", application: "ERP", url: target.url });
    await run(world.client, sample("GetFirmwareVersion", ["TEST1024000000001", METER]));
    const [told] = await target.received(1);
    assert.equal(told?.NotificationType, "GET_FIRMWARE_VERSION");
  });
});
