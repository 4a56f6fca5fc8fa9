// COBS against the examples of its paper and of everyone who cites it; console lines against a published capture.
import {
  COBS_CUT,
  COBS_FRAME,
  COBS_LONG,
  COBS_MORE,
  cobsEncode,
  cobsLength,
  cobsStart,
  cobsState,
  cobsTake,
} from "../link/cobs";
import {
  CONSOLE_BAD,
  CONSOLE_MESSAGE,
  CONSOLE_MORE,
  consoleEncode,
  consoleLength,
  consoleLine,
  consoleStart,
  consoleTake,
  crc16,
} from "../link/console";
import { hex } from "./hex";
import { ascii, put } from "./link-bytes";

const IN: usize = memory.data(1024);
const OUT: usize = memory.data(2048);
const BACK: usize = memory.data(1024);

function encoded(plain: string): string {
  return hex(OUT, cobsEncode(IN, put(IN, plain), OUT));
}

/** Bytes first..last, wrapping at 256, in hexadecimal. */
function range(first: i32, count: i32): string {
  for (let i = 0; i < count; i++) store<u8>(BACK + <usize>i, <u8>(first + i));
  return hex(BACK, count);
}

function decoded(frame: string, room: i32): i32 {
  const length = put(IN, frame);
  cobsStart();
  cobsTake(IN, IN + <usize>length, OUT, room);
  return cobsState;
}

describe("COBS", () => {
  it("encodes the known examples", () => {
    expect(encoded("")).toBe("01");
    expect(encoded("00")).toBe("0101");
    expect(encoded("0000")).toBe("010101");
    expect(encoded("001100")).toBe("01021101");
    expect(encoded("11220033")).toBe("0311220233");
    expect(encoded("11223344")).toBe("0511223344");
    expect(encoded("11000000")).toBe("0211010101");
    // The packet of the paper's figure 3: an IP header.
    expect(encoded("450000 2c4c79 000040064f37")).toBe("0245010 42c4c79 01054006 4f37".replaceAll(" ", ""));
    expect(encoded(range(1, 254))).toBe("ff" + range(1, 254));
    expect(encoded("00" + range(1, 254))).toBe("01ff" + range(1, 254));
    expect(encoded(range(1, 255))).toBe("ff" + range(1, 254) + "02ff");
    expect(encoded(range(2, 254) + "00")).toBe("ff" + range(2, 254) + "0101");
    expect(encoded(range(3, 253) + "0001")).toBe("fe" + range(3, 253) + "0201");
  });

  it("decodes what it encoded, however the bytes are cut", () => {
    let seed: u32 = 1;
    for (let round = 0; round < 300; round++) {
      const length = (round * 7) % 800;
      for (let i = 0; i < length; i++) {
        seed = seed * 1664525 + 1013904223;
        store<u8>(IN + <usize>i, seed >>> 30 == 0 && round & 1 ? 0 : <u8>(seed >>> 24));
      }
      const size = cobsEncode(IN, length, OUT);
      for (let i = 0; i < size; i++) assert(load<u8>(OUT + <usize>i) != 0);
      expect(size <= length + length / 254 + 1).toBeTruthy();
      store<u8>(OUT + <usize>size, 0);
      cobsStart();
      const step = 1 + (round % 17);
      for (let at = 0; at <= size; at += step) {
        const end = min(at + step, size + 1);
        assert(cobsTake(OUT + <usize>at, OUT + <usize>end, BACK, length) == OUT + <usize>end);
        assert(cobsState == (end == size + 1 ? COBS_FRAME : COBS_MORE));
      }
      expect(cobsLength).toBe(length);
      expect(memory.compare(BACK, IN, <usize>length)).toBe(0);
    }
  });

  it("tells frames that are cut or too long", () => {
    expect(decoded("0511220033", 99)).toBe(COBS_CUT);
    expect(decoded("05112200", 99)).toBe(COBS_CUT);
    expect(decoded("0211050033", 99)).toBe(COBS_CUT);
    expect(decoded("0511223344", 99)).toBe(COBS_MORE);
    expect(decoded("051122334400", 4)).toBe(COBS_FRAME);
    expect(decoded("051122334400", 3)).toBe(COBS_LONG);
    expect(decoded("0101010100", 2)).toBe(COBS_LONG);
    expect(decoded("01010100", 2)).toBe(COBS_FRAME);
  });
});

/** Feeds a line to the console decoder; what its last character or its end made. */
function fed(text: string, room: i32): i32 {
  let made = CONSOLE_MORE;
  for (let i = 0; i < text.length && made == CONSOLE_MORE; i++)
    made = consoleTake(<u8>text.charCodeAt(i), BACK + 16, room);
  return made == CONSOLE_MORE ? consoleLine(BACK + 16) : made;
}

describe("SMP console lines", () => {
  it("has the CRC of the catalogue", () => {
    expect(crc16(IN, ascii(IN, "123456789"))).toBe(0x31c3);
    expect(crc16(IN, 0)).toBe(0);
  });

  it("frames an echo as mcumgr's tools do", () => {
    // {d: "hello"} in SMP version 1: 02 00 00 09 00 00 00 00 a1 61 64 65 68 65 6c 6c 6f.
    const length = put(IN + 2, "0200000900000000a161646568656c6c6f");
    const size = consoleEncode(IN + 2, length, OUT);
    expect(load<u16>(OUT)).toBe(0x0906);
    expect(load<u8>(OUT + <usize>size - 1)).toBe(10);
    expect(load<u16>(IN)).toBe(0x1300, "length of message and CRC, big-endian");
    let text = "";
    for (let i = 2; i < size - 1; i++) text += String.fromCharCode(load<u8>(OUT + <usize>i));
    expect(text.slice(0, 24)).toBe("ABMCAAAJAAAAAKFhZGVoZWxs");
    consoleStart();
    expect(fed(text, 100)).toBe(CONSOLE_MESSAGE);
    expect(consoleLength).toBe(length);
    expect(memory.compare(BACK + 16, IN + 2, <usize>length)).toBe(0);
  });

  it("cuts long messages into lines of 127 bytes, and joins them again", () => {
    for (let length = 80; length < 400; length++) {
      for (let i = 0; i < length; i++) store<u8>(IN + 2 + <usize>i, <u8>(i * 31 + length));
      const size = consoleEncode(IN + 2, length, OUT);
      consoleStart();
      let lines = 0;
      let made = CONSOLE_MORE;
      let column = 0;
      for (let i = 0; i < size; i++) {
        const byte = load<u8>(OUT + <usize>i);
        if (column == 0) assert(byte == (lines == 0 ? 6 : 4));
        else if (column == 1) assert(byte == (lines == 0 ? 9 : 20));
        else if (byte != 10 && made == CONSOLE_MORE) made = consoleTake(byte, BACK + 16, 400);
        column++;
        if (byte != 10) continue;
        assert(column <= 127);
        if (made == CONSOLE_MORE) made = consoleLine(BACK + 16);
        column = 0;
        lines++;
      }
      expect(column).toBe(0);
      expect(lines).toBe((length + 4 + 92) / 93);
      expect(made).toBe(CONSOLE_MESSAGE);
      expect(memory.compare(BACK + 16, IN + 2, <usize>length)).toBe(0);
    }
  });

  it("refuses other characters, wrong CRCs and lengths that cannot be", () => {
    consoleStart();
    expect(fed("AB*", 100)).toBe(CONSOLE_BAD);
    consoleStart();
    expect(fed("ABMCAAAJAAAAAKFhZGVoZWxsbwAA", 100)).toBe(CONSOLE_BAD);
    consoleStart();
    expect(fed("ABMC", 16)).toBe(CONSOLE_BAD);
    consoleStart();
    expect(fed("AAE=", 16)).toBe(CONSOLE_BAD);
  });
});
