import assert from "node:assert/strict";
import fc from "fast-check";
import { bundleOf } from "../../src/message-log/bundle-files.ts";
import { verifyBundle } from "../../src/message-log/bundle-verifier.ts";
import { type BundleWorld, filesOf, TRUST } from "./bundle-world.ts";

/**
 * Changes one octet of a complete bundle at a time, anywhere but in the manifest, which only claims: each is refused.
 * Without witnesses and other keys there is no line of a signer whom the verifier does not know.
 */
export async function changeOctets(world: BundleWorld, entries: number, runs: number): Promise<void> {
  await world.append(entries);
  await world.publish();
  await world.append(entries);
  await world.publish();
  const files = filesOf(await world.export());
  assert.deepEqual(verifyBundle(bundleOf(files), TRUST).findings, []);
  const octets = [...files].filter(([path]) => path !== "manifest").map(([path, { length }]) => ({ path, length }));
  const total = octets.reduce((sum, { length }) => sum + length, 0);
  fc.assert(
    fc.property(fc.nat(total - 1), fc.integer({ min: 1, max: 255 }), (place, difference) => {
      let at = place;
      const { path } = octets.find(({ length }) => {
        if (at < length) return true;
        at -= length;
        return false;
      })!;
      const content = Uint8Array.from(files.get(path)!);
      content[at]! ^= difference;
      const { findings } = verifyBundle(bundleOf(new Map([...files, [path, content]])), TRUST);
      assert.notDeepEqual(findings, [], `${path}, octet ${at}`);
    }),
    { numRuns: runs },
  );
}
