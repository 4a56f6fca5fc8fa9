// The image's log, sealing and policy code held against the host's, node's crypto and each other, on random input.
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatVerifier, parseVerifier, verifierOf, verifyCheckpoint } from "../../host/audit/note.ts";
import { leafHash, nodesOf, treeRoot } from "../../host/audit/tree.ts";
import { rawKey } from "../../host/cose.ts";
import { buildImage, DEVICE_KEY, startImage } from "./image.ts";

const image = startImage(await buildImage());

/** An exported function of the image. */
const call = (name: string, ...args: (number | bigint)[]) =>
  (image.call[name] as (...a: (number | bigint)[]) => number)(...args);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const OUT = 40_000; // offset in scratch memory for answers

describe("SHA-256", () => {
  it("equals node's at every length to 300 and at random ones", () => {
    const bytes = fc.oneof(fc.nat(300), fc.nat(5000)).chain((n) => fc.uint8Array({ minLength: n, maxLength: n }));
    fc.assert(
      fc.property(bytes, (message) => {
        const out = image.put(new Uint8Array(32), OUT);
        call("sha256", image.put(message), message.length, out);
        return hex(image.get(out, 32)) === createHash("sha256").update(message).digest("hex");
      }),
      { numRuns: 500 },
    );
  });
});

describe("the tree", () => {
  it("has the host's root at every size, also when restored on the way", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 80 }), fc.nat(80), (entries, restart) => {
        call("treeReset");
        const leaves = entries.map((entry) => leafHash(entry));
        for (const [i, entry] of entries.entries()) {
          if (i === restart) {
            const saved = image.put(new Uint8Array(1028), OUT);
            const length = call("treeSave", saved);
            call("treeReset");
            expect(call("treeRestore", saved, length)).toBe(0);
          }
          expect(call("treeAppendEntry", image.put(entry), entry.length)).toBe(0);
          const out = image.put(new Uint8Array(32), OUT + 2000);
          call("treeRoot", out);
          expect(hex(image.get(out, 32))).toBe(hex(treeRoot(nodesOf(leaves), i + 1)));
        }
        expect(call("treeSize")).toBe(entries.length);
      }),
    );
  });
});

describe("the checkpoint", () => {
  it("verifies under the device's verifier key, at sizes of one to three digits", () => {
    const id = hex(createHash("sha256").update(rawKey(DEVICE_KEY)).digest().subarray(0, 8));
    const verifier = verifierOf(`kanmon.example/device/${id}`, rawKey(DEVICE_KEY));
    expect(parseVerifier(formatVerifier(verifier))).toEqual(verifier);
    call("treeReset");
    const leaves: Uint8Array[] = [];
    for (let size = 0; size <= 120; size++) {
      const note = new TextDecoder().decode(
        image.get(call("checkpointSign") && call("checkpointText"), call("checkpointSign")),
      );
      const checkpoint = verifyCheckpoint(note, verifier);
      expect(checkpoint.size).toBe(size);
      expect(hex(checkpoint.root)).toBe(hex(treeRoot(nodesOf(leaves), size)));
      leaves.push(leafHash(Uint8Array.of(size)));
      call("treeAppendEntry", image.put(Uint8Array.of(size)), 1);
    }
  });
});
