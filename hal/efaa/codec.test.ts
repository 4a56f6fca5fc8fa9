// The frame decoder under everything a line can do: lost, doubled, flipped and inserted bytes, garbage between frames, any cutting. It never
// delivers bytes that are no frame, a wrong frame only where parity allows, and after silence always the next one.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeRandom } from "../sim/eye/random.ts";
import { DATA_LIMIT, encodeFrame, FRAME_OVERHEAD, FrameDecoder } from "./codec.ts";

const KINDS = [0x00, 0x01];
const known = (id: number): boolean => KINDS.includes(id);
type Frame = [id: number, data: string];
const shown = ([id, data]: [number, Uint8Array]): Frame => [id, Buffer.from(data).toString("hex")];

/** A decoder, and what it delivered. */
function rig(): { decoder: FrameDecoder; got: Frame[] } {
  const got: Frame[] = [];
  return { decoder: new FrameDecoder((id, data) => void got.push(shown([id, data])), known), got };
}

const frames = fc.tuple(fc.constantFrom(...KINDS), fc.uint8Array({ maxLength: 60 }));
/** Bytes that look like beginnings of frames more often than noise does. */
const noise = fc
  .array(fc.oneof(fc.nat(255), fc.constantFrom(0xef, 0xaa, 0x00, 0x01)), { maxLength: 80 })
  .map((bytes) => Uint8Array.from(bytes));
const onLine = (list: [number, Uint8Array][]): Buffer => Buffer.concat(list.map(([id, data]) => encodeFrame(id, data)));

/** Whether the bytes from `at` on are a frame, written down from the protocol and not from the decoder. */
function isFrame(stream: Uint8Array, at: number): Frame | undefined {
  if (stream[at] !== 0xef || stream[at + 1] !== 0xaa || !known(stream[at + 2] as number)) return undefined;
  const length = (stream[at + 3] as number) * 256 + (stream[at + 4] as number);
  const end = at + 5 + length;
  if (length > DATA_LIMIT || end >= stream.length) return undefined;
  const parity = stream.subarray(at + 2, end).reduce((sum, byte) => sum ^ byte, 0);
  return parity === stream[end] ? shown([stream[at + 2] as number, stream.subarray(at + 5, end)]) : undefined;
}

/** What a decoder must deliver of a stream that ends in silence: at each place the first whole frame, else on by one byte. */
function expected(stream: Uint8Array): Frame[] {
  const all: Frame[] = [];
  for (let at = 0; at < stream.length; ) {
    const frame = isFrame(stream, at);
    if (frame) all.push(frame);
    at += frame ? frame[1].length / 2 + FRAME_OVERHEAD : 1;
  }
  return all;
}

/** One fault of a line, at any byte. */
const faults = fc.array(
  fc.record({
    kind: fc.constantFrom("lose", "double", "flip", "insert"),
    at: fc.nat(10_000),
    value: fc.integer({ min: 1, max: 255 }),
  }),
  { maxLength: 6 },
);
function damage(stream: Uint8Array, list: { kind: string; at: number; value: number }[]): Uint8Array {
  const bytes = [...stream];
  for (const { kind, at, value } of list) {
    const i = at % Math.max(1, bytes.length);
    if (kind === "lose") bytes.splice(i, 1);
    else if (kind === "double") bytes.splice(i, 0, bytes[i] ?? 0);
    else if (kind === "insert") bytes.splice(i, 0, value);
    else if (bytes.length > 0) bytes[i] = (bytes[i] as number) ^ value;
  }
  return Uint8Array.from(bytes);
}

describe("a clean line", () => {
  test("gives back every frame, however it is cut", () => {
    fc.assert(
      fc.property(
        fc.array(frames, { maxLength: 12 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 90 })),
        (list, cuts) => {
          const { decoder, got } = rig();
          const stream = onLine(list);
          for (let at = 0; at < stream.length; ) {
            const size = cuts.next().value;
            decoder.push(stream.subarray(at, at + size));
            at += size;
          }
          expect(got).toEqual(list.map(shown));
          expect(decoder.broken).toBe(0);
        },
      ),
    );
  });

  test("takes frames of all sizes up to the limit, and refuses to make longer ones", () => {
    const { decoder, got } = rig();
    const data = Uint8Array.from({ length: DATA_LIMIT }, (_, i) => i * 7);
    for (let i = 0; i < 5; i++) decoder.push(encodeFrame(0, data));
    expect(got).toEqual(Array(5).fill(shown([0, data])));
    expect(() => encodeFrame(0, new Uint8Array(DATA_LIMIT + 1))).toThrow(RangeError);
  });

  test("leaves nothing of a frame behind: what the callback got is zeroed", () => {
    let kept = new Uint8Array(1);
    const decoder = new FrameDecoder((_, data) => {
      kept = data as Uint8Array<ArrayBuffer>;
    }, known);
    decoder.push(Buffer.concat([encodeFrame(0, Buffer.from("a name")), Buffer.from([0xef])]));
    expect([...new Uint8Array(kept.buffer)].filter((byte) => byte !== 0)).toEqual([0xef]);
  });
});

describe("a bad line", () => {
  test("any faults: what is delivered is exactly what stands in the stream, nothing invented, nothing hidden", () => {
    fc.assert(
      fc.property(
        fc.array(frames, { maxLength: 8 }),
        faults,
        noise,
        fc.integer({ min: 1, max: 40 }),
        (list, hurt, junk, cut) => {
          const { decoder, got } = rig();
          const stream = Buffer.concat([damage(onLine(list), hurt), junk]);
          for (let at = 0; at < stream.length; at += cut) decoder.push(stream.subarray(at, at + cut));
          decoder.flush();
          expect(got).toEqual(expected(stream));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("one damaged byte within a frame never passes for that frame: parity sees it", () => {
    fc.assert(
      fc.property(frames, fc.nat(), fc.integer({ min: 1, max: 255 }), (frame, at, value) => {
        const { decoder, got } = rig();
        const bytes = Buffer.from(encodeFrame(...frame));
        const i = at % bytes.length;
        bytes[i] = (bytes[i] as number) ^ value;
        decoder.push(bytes);
        decoder.flush();
        // Its data may hold a frame of its own; one of its own length it is not.
        expect(got.filter(([, data]) => data.length / 2 === frame[1].length)).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  test("after garbage and silence, the next frame comes; without silence, after a frame's greatest length at the latest", () => {
    fc.assert(
      fc.property(noise, frames, (junk, frame) => {
        const quiet = rig();
        quiet.decoder.push(junk);
        quiet.decoder.flush();
        quiet.got.length = 0;
        quiet.decoder.push(encodeFrame(...frame));
        expect(quiet.got).toEqual([shown(frame)]);

        const busy = rig();
        busy.decoder.push(junk);
        const one = encodeFrame(...frame);
        for (let sent = 0; sent < 2 * (DATA_LIMIT + FRAME_OVERHEAD); sent += one.length) busy.decoder.push(one);
        busy.got.length = 0;
        for (let i = 0; i < 3; i++) busy.decoder.push(one);
        expect(busy.got.length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  test("an announced length that never comes hides no frame behind it", () => {
    const { decoder, got } = rig();
    decoder.push(Uint8Array.of(0xef, 0xaa, 0x00, 0x03, 0xff));
    decoder.push(encodeFrame(0, Uint8Array.of(0x12, 0)));
    expect(got).toEqual([]);
    decoder.flush();
    expect(got).toEqual([[0, "1200"]]);
  });

  test("of frames damaged at random, about one in 256 passes, as eight bits of parity have it, and no more", () => {
    const random = makeRandom(1);
    let wrong = 0;
    const RUNS = 20_000;
    for (let run = 0; run < RUNS; run++) {
      const data = Uint8Array.from({ length: 38 }, () => random.bits() & 0xff);
      const frame = encodeFrame(0, data);
      for (let i = 0; i < 3; i++) frame[5 + (random.bits() % 38)]! ^= random.bits() & 0xff;
      const { decoder, got } = rig();
      decoder.push(frame);
      decoder.flush();
      wrong += got.some(([, hex]) => hex.length === 76 && hex !== Buffer.from(data).toString("hex")) ? 1 : 0;
    }
    expect(wrong / RUNS).toBeLessThan(0.006);
    expect(wrong).toBeGreaterThan(0);
  });
});
