// Hostile messages to the whole image: whatever comes with a good checksum, the image neither traps nor forgets what it knew, and the
// next good request works.
import { encode } from "cborg";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { frameMessage } from "../link/encoder.ts";
import { OP, smpMessage } from "../link/smp.ts";
import { openFields, startReader, type TestReader } from "./reader.ts";

let reader: TestReader;
let boots: string[];

beforeEach(async () => {
  reader = await startReader();
  boots = [];
  reader.board.on("boot", (reason) => boots.push(reason));
});
afterEach(() => reader.close());

/** Puts a message with this header and body on the line, well framed. */
function send(group: number, id: number, operation: number, body: Uint8Array): void {
  const message = Buffer.concat([
    smpMessage({ operation, version: 1, group, id, sequence: 77 }, {}).subarray(0, 8),
    body,
  ]);
  message.writeUInt16BE(body.length, 2);
  reader.board.link.write(frameMessage(message, "cobs"));
}

async function expectSound(): Promise<void> {
  expect(await reader.device.echo("still there")).toBe("still there");
  expect(boots, "the image trapped").toEqual([]);
}

const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.integer(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.string(),
    fc.uint8Array({ maxLength: 300 }),
    fc.boolean(),
    fc.constant(null),
    fc.double(),
    fc.array(tie("any"), { maxLength: 5 }),
    fc.dictionary(fc.string(), tie("any"), { maxKeys: 5 }),
  ),
})).any;

const NAMES = [
  "session",
  "frame",
  "offset",
  "data",
  "modality",
  "purpose",
  "user",
  "width",
  "height",
  "frames",
  "nonce",
  "time",
  "from",
  "size",
  "document",
  "d",
];
const body = fc
  .dictionary(fc.constantFrom(...NAMES), value)
  .chain((random) => fc.constantFrom(random, { ...openFields(), ...random }));
const command = {
  group: fc.constantFrom(0, 1, 64),
  id: fc.integer({ min: 0, max: 12 }).filter((id) => id !== 5),
  operation: fc.constantFrom(OP.read, OP.write),
};

it("takes any map in any command without a trap", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ ...command, body }), { maxLength: 20 }), async (messages) => {
      for (const { group, id, operation, body } of messages) send(group, id, operation, encode(body));
      await expectSound();
    }),
    { numRuns: 60 },
  );
});

it("takes bytes that are no CBOR, or half of it", async () => {
  const broken = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.tuple(body, fc.nat()).map(([map, cut]) => {
      const whole = encode(map);
      return whole.subarray(0, cut % (whole.length + 1));
    }),
    fc.tuple(body, fc.nat(), fc.integer({ min: 1, max: 255 })).map(([map, at, flip]) => {
      const whole = encode(map).slice();
      whole[at % whole.length] = (whole[at % whole.length] as number) ^ flip;
      return whole;
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ ...command, broken }), { maxLength: 20 }), async (messages) => {
      for (const { group, id, operation, broken } of messages) send(group, id, operation, broken);
      await expectSound();
    }),
    { numRuns: 60 },
  );
});

it("takes CBOR bombs", async () => {
  const nested = (byte: number, depth: number) =>
    Buffer.concat([Buffer.from([0xa1, 0x61, 0x64]), Buffer.alloc(depth, byte)]);
  const bombs = [
    ...[0x81, 0x9f, 0xa1, 0xbf, 0xc1, 0xd8, 0x5f, 0x7f].map((byte) => nested(byte, 4000)),
    // A map, an array, text and bytes that announce 2^32 - 1 or 2^64 - 1 of content.
    ...["bb", "9b", "7b", "5b"].map((head) => Buffer.from(`a16164${head}ffffffffffffffff`, "hex")),
    ...["ba", "9a", "7a", "5a"].map((head) => Buffer.from(`a16164${head}ffffffff`, "hex")),
    Buffer.from("bbffffffffffffffff", "hex"),
    Buffer.from("bf6164", "hex"),
  ];
  for (const bomb of bombs)
    for (const id of [0, 1, 2, 3, 4, 6, 7, 8]) send(64, id, id === 0 ? OP.read : OP.write, bomb);
  await expectSound();
});
