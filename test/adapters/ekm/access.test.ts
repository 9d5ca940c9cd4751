import assert from "node:assert/strict";
import { callOf } from "../../../src/adapters/ekm/cloud.ts";
import type { Access } from "../../../src/adapters/ekm/device.ts";
import { MemoryWorld } from "./in-memory.ts";

describe("a call to the EKM cloud", () => {
  const call = async (access: Access) => {
    const world = new MemoryWorld({ gateway: { access, mac: "0004A3B0C0D1" } });
    await world.close();
    const { url, headers, keyInBody } = callOf(
      { gateway: world.gateway, key: "K", token: access === "key-and-token" ? "T" : undefined },
      "/sendCommand",
    );
    return [url.href, headers, keyInBody];
  };

  it("has the gateway's key in its body, and in no address", async () => {
    assert.deepEqual(await call("key"), ["https://api.ekmpush.com/sendCommand", {}, "K"]);
  });

  it("has a token beside the key, or an account's key and the gateway in its address, where the cloud wants that", async () => {
    assert.deepEqual(await call("key-and-token"), [
      ...["https://api.ekmpush.com/sendCommand", { authorization: "Bearer T" }, "K"],
    ]);
    assert.deepEqual(await call("account-key"), [
      ...["https://api.ekmpush.com/sendCommand?key=K&gateway=0004A3B0C0D1", {}, undefined],
    ]);
  });

  it("is refused as a whole when a secret is missing or a record names what is no gateway", async () => {
    const world = new MemoryWorld();
    const [meter] = world.meters;
    const refusal = async () => {
      const asked = world.request(meter!, "ReadMeter", { count: 1 });
      await world.until(asked.run());
      assert.ok(asked.outcome && !asked.outcome.ok);
      return asked.outcome.error;
    };
    const { find } = world;
    world.find = async (identification) =>
      identification === world.gateway.identification ? undefined : find(identification);
    assert.equal((await refusal()).code, "UNKNOWN_DEVICE");
    world.find = async () => meter;
    assert.equal((await refusal()).code, "GATEWAY_DEVICE_INVALID_FOR_MBUS_DEVICE");
    world.find = async () => ({ ...world.gateway, identification: "EKMGATEWAY000002" });
    assert.deepEqual(await refusal(), { code: "KEY_NOT_PRESENT", message: "EKMGATEWAY000001 has no EKM_KEY" });
    await world.close();
  });
});
