// The image as other people's tools meet it, on the real board: SMP's own groups, version 1, unknown commands, and requests that no
// client of ours would send. Each gets a clear answer, and the next good request works.
import { decode, encode } from "cborg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadImage } from "../../host/evaluate/image.ts";
import { type Board, createBoard } from "../../host/simulator/board.ts";
import { MemoryFlash } from "../../host/simulator/flash.ts";
import { temporaryKeys } from "../../host/simulator/keys.ts";
import { type Framing, frameMessage, LinkDecoder, smpHeader } from "../../link/link.ts";

const READ = 0;
const WRITE = 2;

let board: Board;
let heard: (answer: { header: ReturnType<typeof smpHeader>; body: unknown; framing: Framing }) => void = () => {};
beforeAll(() => {
  board = createBoard({ image: loadImage().bytes, flash: new MemoryFlash(), keys: temporaryKeys() });
  const decoder = new LinkDecoder((message, framing) =>
    heard({ header: smpHeader(message), body: decode(message.subarray(8)), framing }),
  );
  board.link.on("data", (bytes: Buffer) => decoder.push(bytes));
});
afterAll(() => board.close());

interface Raw {
  readonly version?: number;
  readonly group: number;
  readonly id: number;
  readonly operation: number;
  /** The CBOR, sound or not. */
  readonly body: Uint8Array;
}

function ask({ version = 1, group, id, operation, body }: Raw, framing: Framing = "cobs") {
  const header = Buffer.from([(version << 3) | operation, 0, 0, 0, 0, 0, 99, id]);
  header.writeUInt16BE(body.length, 2);
  header.writeUInt16BE(group, 4);
  const answer = new Promise<Parameters<typeof heard>[0]>((resolve) => {
    heard = resolve;
  });
  board.link.write(frameMessage(Buffer.concat([header, body]), framing));
  return answer;
}

const empty = encode({});
const hex = (text: string): Buffer => Buffer.from(text, "hex");

describe("SMP as mcumgr's tools speak it", () => {
  test.each(["cobs", "console"] as const)("echo, in version 1 and 2, in %s", async (framing) => {
    for (const version of [0, 1]) {
      const answer = await ask({ version, group: 0, id: 0, operation: WRITE, body: encode({ d: "hello" }) }, framing);
      expect(answer).toEqual({
        header: { operation: WRITE + 1, version, group: 0, id: 0, sequence: 99 },
        body: { r: "hello" },
        framing,
      });
    }
  });

  test("a map of indefinite length, as some tools send it", async () => {
    const body = hex("bf61646568656c6c6fff");
    expect((await ask({ group: 0, id: 0, operation: WRITE, body })).body).toEqual({ r: "hello" });
  });

  test("parameters and system name", async () => {
    expect((await ask({ group: 0, id: 6, operation: READ, body: empty })).body).toEqual({
      buf_size: 4096,
      buf_count: 4,
    });
    expect((await ask({ group: 0, id: 7, operation: READ, body: empty })).body).toEqual({ output: "Kanmon" });
    expect((await ask({ group: 0, id: 7, operation: READ, body: encode({ format: "q" }) })).body).toEqual({
      err: { group: 0, rc: 2 },
    });
  });

  test("what it does not know is answered with rc 8, in both versions", async () => {
    const unknown = [
      { group: 0, id: 99, operation: READ },
      { group: 0, id: 5, operation: READ },
      { group: 1, id: 9, operation: WRITE },
      { group: 64, id: 200, operation: WRITE },
      { group: 64, id: 0, operation: WRITE },
      { group: 777, id: 0, operation: READ },
    ];
    for (const request of unknown) {
      for (const version of [0, 1]) expect((await ask({ ...request, version, body: empty })).body).toEqual({ rc: 8 });
    }
  });

  test("a group's own error: {err} in version 2, 256 + rc in version 1", async () => {
    const finish = { group: 64, id: 4, operation: WRITE, body: encode({ session: 5 }) };
    expect((await ask(finish)).body).toEqual({ err: { group: 64, rc: 3 } });
    expect((await ask({ ...finish, version: 0 })).body).toEqual({ rc: 259 });
  });

  test("a response is never answered", async () => {
    let answers = 0;
    heard = () => answers++;
    for (const operation of [1, 3]) {
      const header = Buffer.from([8 | operation, 0, 0, 1, 0, 0, 1, 0]);
      board.link.write(frameMessage(Buffer.concat([header, empty])));
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(answers).toBe(0);
  });
});

describe("requests made to break it", () => {
  const bombs: [string, Buffer][] = [
    ["no map", hex("01")],
    ["nested 4,000 deep", Buffer.alloc(4000, 0x81)],
    ["maps nested 2,000 deep", Buffer.from("a16164".repeat(1300), "hex")],
    ["an array of 2^64 - 1 items", hex("a161649bffffffffffffffff")],
    ["a text of 2^64 - 1 bytes", hex("a161647bffffffffffffffff61")],
    ["bytes of 2 GiB", hex("a161645a80000000")],
    ["a map of 2^63 pairs", hex("bb8000000000000000")],
    ["indefinite arrays without end", Buffer.alloc(4000, 0x9f)],
    ["tags without end", Buffer.alloc(4000, 0xc1)],
    ["chunks inside chunks", hex("a161647f7f6161ffff")],
    ["bytes behind the map", hex("a161646161" + "00")],
  ];
  test.each(bombs)("%s", async (_name, body) => {
    for (const [group, id] of [
      [0, 0],
      [1, 0],
      [1, 1],
      [1, 5],
      [64, 2],
      [64, 3],
      [64, 1],
    ] as const) {
      expect((await ask({ group, id, operation: WRITE, body })).body).toEqual({ rc: 3 });
    }
    expect((await ask({ group: 0, id: 0, operation: WRITE, body: encode({ d: "well" }) })).body).toEqual({ r: "well" });
  });

  test.each([{}, { d: 1 }, { d: Buffer.from("x") }])("echo of %j", async (body) => {
    expect((await ask({ group: 0, id: 0, operation: WRITE, body: encode(body) })).body).toEqual({ rc: 3 });
  });

  test("the key given twice", async () => {
    expect((await ask({ group: 0, id: 0, operation: WRITE, body: hex("a2616461786164" + "6179") })).body).toEqual({
      rc: 3,
    });
  });

  test("an echo that just fits, and one whose answer does too", async () => {
    const d = "x".repeat(4096 - 8 - 6);
    expect((await ask({ group: 0, id: 0, operation: WRITE, body: encode({ d }) })).body).toEqual({ r: d });
  });
});
