// Messages may hold pixels: whatever becomes of one, no byte of it stays in the decoder's buffers.
import { duplexPair } from "node:stream";
import { describe, expect, test, vi } from "vitest";
import { Channel } from "./channel.ts";
import { LinkDecoder } from "./decoder.ts";
import { type Framing, frameMessage } from "./encoder.ts";
import { OP, smpMessage } from "./smp.ts";

const BYTES = 1000;
const message = (bytes = BYTES): Buffer =>
  smpMessage(
    { operation: OP.write, version: 1, group: 64, id: 3, sequence: 1 },
    { data: new Uint8Array(bytes).fill(7) },
  );

/** Runs `make` and returns what it made, and a count of the bytes that are not zero in the buffers it reserved. */
function watch<T>(make: () => T): { made: T; held: () => number } {
  const alloc = vi.spyOn(Buffer, "alloc");
  try {
    const made = make();
    const buffers = alloc.mock.results.map(({ value }) => value as Buffer);
    expect(buffers).toHaveLength(2); // one for each framing
    return { made, held: () => buffers.reduce((sum, buffer) => sum + buffer.filter((byte) => byte !== 0).length, 0) };
  } finally {
    alloc.mockRestore();
  }
}

describe.each<Framing>(["cobs", "console"])("in the %s framing", (framing) => {
  const line = frameMessage(message(), framing);
  const damaged = Buffer.from(line);
  damaged[line.length >> 1] = (line[line.length >> 1] as number) === 0x41 ? 0x42 : 0x41;
  const endings: [what: string, bytes: Buffer][] = [
    ["taken", line],
    ["damaged", damaged],
    ["cut", Buffer.concat([line.subarray(0, line.length >> 1), Buffer.alloc(1)])],
    ["too long", frameMessage(message(2 * BYTES), framing)],
  ];

  test.each(endings)("a message that is %s", (what, bytes) => {
    let most = 0;
    const { made, held } = watch(
      () =>
        new LinkDecoder(() => {
          most = Math.max(most, held());
        }, BYTES + 100),
    );
    for (const byte of bytes) {
      made.push(Uint8Array.of(byte));
      most = Math.max(most, held());
    }
    expect(most).toBeGreaterThan(framing === "console" && what === "too long" ? 0 : BYTES / 3);
    expect(held()).toBe(0);
    made.push(bytes); // in one piece
    expect(held()).toBe(0);
    expect(made.broken).toBe(what === "taken" ? 0 : 2);
  });

  test("a message that its receiver throws at", () => {
    const { made, held } = watch(
      () =>
        new LinkDecoder(() => {
          throw new Error("not this");
        }),
    );
    expect(() => made.push(line)).toThrow("not this");
    expect(held()).toBe(0);
  });

  test("a message whose rest never comes, once the line was still or the channel is closed", async () => {
    const [host, peer] = duplexPair();
    peer.resume();
    const patience = { first: 100, least: 100, most: 100, doubled: 100 };
    const { made, held } = watch(() => new Channel(host, { patience }));
    const half = line.subarray(0, line.length >> 1);
    const asked = made.ask({ operation: OP.read, group: 64, id: 8, body: {} }, 1500);
    peer.write(half);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(held()).toBeGreaterThan(BYTES / 3);
    await asked;
    expect(held()).toBe(0);
    peer.write(half);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(held()).toBeGreaterThan(BYTES / 3);
    made.close(new Error("closed"));
    expect(held()).toBe(0);
  });
});
