// The host's codec against published vectors: CRC catalogue, the COBS paper's examples, an mcumgr echo, RFC 8949.
import { describe, expect, test } from "vitest";
import { CobsDecoder, cobsBound, cobsEncode } from "./cobs.ts";
import { consoleLines, crc16 } from "./console.ts";
import { crc32 } from "./crc32.ts";
import { LinkDecoder } from "./decoder.ts";
import { type Framing, frameMessage, MESSAGE_BYTES } from "./encoder.ts";
import { OP, smpBody, smpFits, smpHeader, smpMessage } from "./smp.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const range = (first: number, count: number): Buffer =>
  Buffer.from(Array.from({ length: count }, (_, i) => (first + i) & 255));
const range8 = (first: number, count: number): string => range(first, count).toString("hex");

const COBS: [plain: string, encoded: string][] = [
  ["", "01"],
  ["00", "0101"],
  ["0000", "010101"],
  ["001100", "01021101"],
  ["11220033", "0311220233"],
  ["11223344", "0511223344"],
  ["11000000", "0211010101"],
  [range8(1, 254), `ff${range8(1, 254)}`],
  [`00${range8(1, 254)}`, `01ff${range8(1, 254)}`],
  [range8(1, 255), `ff${range8(1, 254)}02ff`],
  [`${range8(2, 254)}00`, `ff${range8(2, 254)}0101`],
  [`${range8(3, 253)}0001`, `fe${range8(3, 253)}0201`],
];

describe("checksums", () => {
  test("CRC-32 and CRC-16/XMODEM of the catalogue", () => {
    expect(crc32(Buffer.from("123456789"))).toBe(0xcbf43926);
    expect(crc32(Buffer.from("6789"), crc32(Buffer.from("12345")))).toBe(0xcbf43926);
    expect(crc16(Buffer.from("123456789"))).toBe(0x31c3);
  });
});

describe("COBS", () => {
  test.each(COBS)("example %#", (plain, encoded) => {
    const source = hex(plain);
    const target = Buffer.alloc(cobsBound(source.length));
    expect(target.subarray(0, cobsEncode(source, source.length, target, 0)).toString("hex")).toBe(encoded);
    const decoder = new CobsDecoder(source.length);
    const line = Buffer.concat([hex(encoded), Buffer.alloc(1)]);
    for (let at = 0; at < line.length; ) at = decoder.take(line.subarray(0, at + 1), at);
    expect(decoder.ended).toBe("frame");
    expect(decoder.buffer.subarray(0, decoder.length).toString("hex")).toBe(plain);
  });

  test("a buffer's spare bytes are not encoded", () => {
    const target = Buffer.alloc(9);
    expect(cobsEncode(hex("1122334400"), 2, target, 0)).toBe(3);
    expect(target.toString("hex", 0, 3)).toBe("031122");
  });
});

describe("SMP", () => {
  test("an echo is what mcumgr's tools send, in version 2", () => {
    const header = { operation: OP.write, version: 1, group: 0, id: 0, sequence: 7 };
    const message = smpMessage(header, { d: "hello", left: undefined });
    expect(message.toString("hex")).toBe("0a00000900000700a161646568656c6c6f");
    expect(smpFits(message)).toBe(true);
    expect(smpHeader(message)).toEqual(header);
    expect(smpBody(message)).toEqual({ d: "hello" });
  });

  test("keys are in bytewise order (RFC 8949 section 4.2.1)", () => {
    const message = smpMessage(
      { operation: OP.read, version: 1, group: 64, id: 0, sequence: 0 },
      { b: 1, aa: 2, a: 3 },
    );
    expect(message.toString("hex", 8)).toBe("a3616103616201626161" + "02");
  });

  test.each([
    "0a00000800000700a161646568656c6c6f",
    "0a01000900000700a161646568656c6c6f",
    "1200000900000700a161646568656c6c6f",
    "0a0000",
  ])("header %s does not fit", (bytes) => expect(smpFits(hex(bytes))).toBe(false));

  test.each(["80", "01", "a161", "a1616101" + "00", "a2616101616101", "a16161" + "1801"])(
    "body %s is refused",
    (body) => {
      expect(() => smpBody(Buffer.concat([Buffer.alloc(8), hex(body)]))).toThrow();
    },
  );
});

function received(bytes: Uint8Array): { message: string; framing: Framing }[] {
  const all: { message: string; framing: Framing }[] = [];
  new LinkDecoder((message, framing) => all.push({ message: message.toString("hex"), framing })).push(bytes);
  return all;
}

const ECHO = "0a00000900000700a161646568656c6c6f";

describe("decoder", () => {
  test("a console line as third-party tools write it", () => {
    const line = consoleLines(hex("0200000900000000a161646568656c6c6f"));
    expect(line.toString("latin1").slice(0, 26)).toBe("\x06\x09ABMCAAAJAAAAAKFhZGVoZWxs");
    const shell = Buffer.concat([Buffer.from("uart:~$ \r\nboot\n"), line, Buffer.from("uart:~$ "), line]);
    expect(received(shell).map(({ framing }) => framing)).toEqual(["console", "console"]);
  });

  test("both framings on one line, with noise between", () => {
    const message = hex(ECHO);
    const line = Buffer.concat([
      range(1, 40),
      frameMessage(message, "cobs"),
      frameMessage(message, "console"),
      range(3, 90),
      frameMessage(message, "console"),
      frameMessage(message, "cobs").subarray(0, 12),
      frameMessage(message, "cobs"),
    ]);
    expect(received(line)).toEqual(
      ["cobs", "console", "console", "cobs"].map((framing) => ({ message: ECHO, framing })),
    );
  });

  test("a line inside a frame whose head was lost is not taken for a message", () => {
    const inner = consoleLines(hex(ECHO));
    const body = Buffer.concat([hex("0a00 0000 0000 0700"), Buffer.from("\n"), inner, Buffer.alloc(3000, 7)]);
    body.writeUInt16BE(body.length - 8, 2);
    const good = frameMessage(hex(ECHO));
    // Wherever the head is cut, except just where the line begins: there it stands behind a delimiter, as a good line does.
    const frame = frameMessage(body);
    const line = frame.indexOf("\n\x06\x09");
    for (let cut = 2; cut < line; cut++)
      expect(received(Buffer.concat([good, frame.subarray(cut), good])).length).toBe(2);
    for (let cut = line + 2; cut < line + 40; cut++) {
      expect(received(Buffer.concat([good, frame.subarray(cut), good])).length).toBe(2);
    }
  });

  test("longest message passes, one more byte does not", () => {
    for (const framing of ["cobs", "console"] as const) {
      for (const [length, count] of [
        [MESSAGE_BYTES, 1],
        [MESSAGE_BYTES + 1, 0],
      ] as const) {
        const message = Buffer.alloc(length, 0x55);
        message.set(hex("0a000000"));
        message.writeUInt16BE(length - 8, 2);
        expect(received(frameMessage(message, framing)).length).toBe(count);
      }
    }
  });
});
