// Both decoders under any byte stream: the short form of `npm run fuzz`, and properties whose failures fast-check makes small.
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { type Framing, frameMessage, LinkDecoder, OP, smpMessage } from "../../link/link.ts";
import { fuzz } from "./fuzz.ts";
import { compileLink, ImageLink } from "./image.ts";

let module: WebAssembly.Module;
beforeAll(async () => {
  module = await compileLink();
}, 120_000);

/** What each decoder delivers of the chunks. */
function both(chunks: Uint8Array[]): { host: string[]; image: string[] } {
  const host: string[] = [];
  const image: string[] = [];
  const decoder = new LinkDecoder((message, framing) => host.push(`${framing} ${message.toString("hex")}`));
  const link = new ImageLink(module);
  link.onMessage = (message, framing) => image.push(`${framing} ${message.toString("hex")}`);
  for (const chunk of chunks) {
    decoder.push(chunk);
    link.push(chunk);
  }
  return { host, image };
}

const framing = fc.constantFrom<Framing>("cobs", "console");
const message = fc
  .record({ sequence: fc.nat(255), data: fc.uint8Array({ maxLength: 900 }) })
  .map(({ sequence, data }) => smpMessage({ operation: OP.write, version: 1, group: 64, id: 3, sequence }, { data }));
/** Noise that is rich in what the framings give a meaning to. */
const noise = fc
  .array(fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 2, 4, 6, 9, 10, 13, 20, 61, 65)), { maxLength: 200 })
  .map((bytes) => Buffer.from(bytes));

describe("both decoders", () => {
  test("20,000 frames, damaged in every way: none wrong, none lost, no difference", () => {
    const counts = fuzz(module, 20_000, 1);
    expect(counts).toMatchObject({ lost: 0, wrong: 0, collisions: 0, differences: 0 });
    expect(counts.whole).toBeGreaterThan(10_000);
  });

  test("a good frame arrives, whatever stood before it", () => {
    fc.assert(
      fc.property(noise, message, framing, (before, sent, how) => {
        const { host, image } = both([before, frameMessage(sent, how)]);
        const last = `${how} ${sent.toString("hex")}`;
        expect(host.at(-1)).toBe(last);
        expect(image).toEqual(host);
      }),
      { numRuns: 2000 },
    );
  });

  test("how a stream is cut into chunks makes no difference", () => {
    fc.assert(
      fc.property(
        noise,
        message,
        message,
        framing,
        framing,
        noise,
        fc.nat(50),
        (before, one, two, first, second, between, size) => {
          const stream = Buffer.concat([before, frameMessage(one, first), between, frameMessage(two, second)]);
          const parts = Array.from({ length: Math.ceil(stream.length / (size + 1)) }, (_, i) =>
            stream.subarray(i * (size + 1), (i + 1) * (size + 1)),
          );
          expect(both(parts)).toEqual(both([stream]));
        },
      ),
      { numRuns: 500 },
    );
  });

  test("any single damaged bit of a COBS frame loses that frame alone", () => {
    fc.assert(
      fc.property(message, message, fc.nat(), (damaged, next, where) => {
        fc.pre(!damaged.equals(next));
        const frame = frameMessage(damaged);
        const bit = where % (frame.length * 8);
        frame[bit >> 3] = (frame[bit >> 3] as number) ^ (1 << (bit & 7));
        const { host, image } = both([frame, frameMessage(next)]);
        expect(host.filter((text) => text !== `cobs ${damaged.toString("hex")}`)).toEqual([
          `cobs ${next.toString("hex")}`,
        ]);
        expect(image).toEqual(host);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("the image's link", () => {
  test("what it read is gone: messages, broken frames and the line's bytes", () => {
    const link = new ImageLink(module);
    const secret = Buffer.from("a biometric frame, or what could be one, 48 bytes");
    const frame = frameMessage(
      smpMessage({ operation: OP.write, version: 1, group: 64, id: 3, sequence: 0 }, { data: secret }),
    );
    let seen = 0;
    link.onMessage = (bytes) => {
      seen += Number(bytes.includes(secret));
    };
    for (const how of ["cobs", "console"] as const) {
      link.push(
        frameMessage(
          smpMessage({ operation: OP.write, version: 1, group: 64, id: 3, sequence: 0 }, { data: secret }),
          how,
        ),
      );
    }
    expect(seen).toBe(2);
    expect(link.memory.includes(secret.subarray(0, 32))).toBe(false);
    link.push(Buffer.concat([frame.subarray(0, frame.length - 3), Buffer.alloc(1)]));
    expect(link.memory.includes(secret.subarray(0, 32))).toBe(false);
    link.push(frame.subarray(0, frame.length - 3));
    expect(link.memory.includes(secret.subarray(0, 32))).toBe(true);
    expect(link.exports.linkWipe()).toBeGreaterThan(8192);
    expect(link.memory.includes(secret.subarray(0, 32))).toBe(false);
  });

  test("answers wait while the board takes nothing, and come out whole and in their framing", () => {
    const link = new ImageLink(module);
    link.exports.answer(1);
    const heard: string[] = [];
    const host = new LinkDecoder((bytes, how) => heard.push(`${how} ${bytes.toString("hex")}`));
    link.onSend = (bytes) => host.push(bytes);
    const requests = Array.from({ length: 12 }, (_, sequence) =>
      smpMessage(
        { operation: OP.write, version: 1, group: 64, id: 3, sequence },
        { data: Buffer.alloc(350, sequence) },
      ),
    );
    link.takes = 0;
    for (const [i, request] of requests.entries()) link.push(frameMessage(request, i % 3 ? "cobs" : "console"));
    link.takes = 13;
    for (let polls = 0; polls < 1000; polls++) link.exports.linkPump();
    expect(heard).toEqual(requests.map((request, i) => `${i % 3 ? "cobs" : "console"} ${request.toString("hex")}`));
  });

  test("a write that comes twice in a row is done once and answered twice, a read is done again", () => {
    const link = new ImageLink(module);
    link.exports.answer(1);
    let done = 0;
    let sent = 0;
    link.onMessage = () => done++;
    link.onSend = () => sent++;
    const request = (operation: number, sequence: number) =>
      frameMessage(smpMessage({ operation, version: 1, group: 64, id: 11, sequence }, {}));
    for (const [operation, sequence] of [
      [OP.write, 1],
      [OP.write, 1],
      [OP.write, 2],
      [OP.write, 1],
      [OP.read, 3],
      [OP.read, 3],
    ] as const) {
      link.push(request(operation, sequence));
    }
    expect({ done, sent }).toEqual({ done: 5, sent: 6 });
    link.push(request(OP.write, 4));
    link.exports.linkWipe();
    link.push(request(OP.write, 4));
    expect({ done, sent }).toEqual({ done: 7, sent: 8 });
  });

  test("a second of silence ends what was begun", () => {
    const link = new ImageLink(module);
    const heard: string[] = [];
    link.onMessage = (bytes) => heard.push(bytes.toString("hex"));
    const request = smpMessage({ operation: OP.write, version: 1, group: 0, id: 0, sequence: 1 }, { d: "x" });
    const bare = frameMessage(request).subarray(1); // without the zero that would end the noise
    link.push(Buffer.from([2, 10, 77]));
    link.micros = 900_000n;
    link.push(bare);
    expect(heard).toEqual([]);
    link.push(Buffer.from([2, 10, 77]));
    link.micros = 2_000_000n;
    link.push(bare);
    expect(heard).toEqual([request.toString("hex")]);
  });

  test("no CBOR makes it trap: nesting, lengths that cannot be, anything", () => {
    const link = new ImageLink(module);
    for (const byte of [0x81, 0x9f, 0xa1, 0xbf, 0xc1, 0xd8, 0x5f, 0x7f, 0xbb, 0x9b, 0x7b]) {
      for (const length of [1, 2, 9, 100, 4000]) expect(link.readCbor(Buffer.alloc(length, byte))).toBe(0);
    }
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 64 }),
        fc.constantFrom(0xa0, 0xbf, 0x9f, 0xbb, 0xda, 0x5b),
        (bytes, first) => {
          bytes[0] = first | ((bytes[0] as number) & 7);
          expect(link.readCbor(bytes)).toBeLessThanOrEqual(bytes.length);
        },
      ),
      { numRuns: 5000 },
    );
  });
});
