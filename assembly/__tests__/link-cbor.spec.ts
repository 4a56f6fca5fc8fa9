// CBOR against the examples of RFC 8949 appendix A and F, and against documents made to break a reader.
import {
  CBOR_MAP,
  cborBool,
  cborBytes,
  cborFind,
  cborIntAt,
  cborIsMap,
  cborLength,
  cborSame,
  cborSkip,
  cborText,
  cborType,
  cborUint,
} from "../link/cbor";
import {
  putArray,
  putBool,
  putBytes,
  putBytesSpace,
  putEnd,
  putInt,
  putMap,
  putNull,
  putStart,
  putText,
  putTextFrom,
  putUint,
} from "../link/cbor-write";
import { hex } from "./hex";
import { ascii, put } from "./link-bytes";

const IN: usize = memory.data(1024);
const OUT: usize = memory.data(64);

/** Bytes that cborSkip takes of the document, -1 if it refuses it. */
function skipped(document: string): i32 {
  const end = IN + <usize>put(IN, document);
  const at = cborSkip(IN, end);
  return at ? <i32>(at - IN) : -1;
}

function whole(document: string): bool {
  return skipped(document) == document.length >> 1;
}

function written(): string {
  const length = putEnd();
  return length < 0 ? "full" : hex(OUT, length);
}

function unsigned(value: u64): string {
  putStart(OUT, 64);
  putUint(value);
  return written();
}

function signed(value: i64): string {
  putStart(OUT, 64);
  putInt(value);
  return written();
}

function text(value: string): string {
  putStart(OUT, 64);
  putText(value);
  return written();
}

describe("CBOR writer (RFC 8949 appendix A)", () => {
  it("writes unsigned integers in their shortest form", () => {
    expect(unsigned(0)).toBe("00");
    expect(unsigned(1)).toBe("01");
    expect(unsigned(10)).toBe("0a");
    expect(unsigned(23)).toBe("17");
    expect(unsigned(24)).toBe("1818");
    expect(unsigned(25)).toBe("1819");
    expect(unsigned(100)).toBe("1864");
    expect(unsigned(255)).toBe("18ff");
    expect(unsigned(256)).toBe("190100");
    expect(unsigned(1000)).toBe("1903e8");
    expect(unsigned(65535)).toBe("19ffff");
    expect(unsigned(65536)).toBe("1a00010000");
    expect(unsigned(1000000)).toBe("1a000f4240");
    expect(unsigned(4294967296)).toBe("1b0000000100000000");
    expect(unsigned(1000000000000)).toBe("1b000000e8d4a51000");
    expect(unsigned(u64.MAX_VALUE)).toBe("1bffffffffffffffff");
  });

  it("writes negative integers", () => {
    expect(signed(-1)).toBe("20");
    expect(signed(-10)).toBe("29");
    expect(signed(-100)).toBe("3863");
    expect(signed(-1000)).toBe("3903e7");
    expect(signed(i64.MIN_VALUE)).toBe("3b7fffffffffffffff");
    expect(signed(1000)).toBe("1903e8");
  });

  it("writes strings, arrays, maps and simple values", () => {
    expect(text("")).toBe("60");
    expect(text("a")).toBe("6161");
    expect(text("IETF")).toBe("6449455446");
    expect(text('"\\')).toBe("62225c");
    putStart(OUT, 64);
    put(IN, "01020304");
    putBytes(IN, 4);
    expect(written()).toBe("4401020304");
    putStart(OUT, 64);
    putArray(3);
    putUint(1);
    putArray(2);
    putUint(2);
    putUint(3);
    putArray(2);
    putUint(4);
    putUint(5);
    expect(written()).toBe("8301820203820405");
    putStart(OUT, 64);
    putMap(2);
    putText("a");
    putUint(1);
    putText("b");
    putArray(2);
    putUint(2);
    putUint(3);
    expect(written()).toBe("a26161016162820203");
    putStart(OUT, 64);
    putBool(false);
    putBool(true);
    putNull();
    expect(written()).toBe("f4f5f6");
    putStart(OUT, 64);
    putTextFrom(IN, put(IN, "e6b0b4"));
    expect(written()).toBe("63e6b0b4");
    putStart(OUT, 64);
    store<u16>(putBytesSpace(2), 0x0201);
    putArray(0);
    expect(written()).toBe("42010280");
  });

  it("says when the document did not fit, and writes nothing beyond", () => {
    store<u32>(OUT, 0x7f7f7f7f);
    putStart(OUT, 3);
    putUint(1000);
    expect(putEnd()).toBe(3);
    putUint(1);
    expect(putEnd()).toBe(-1);
    expect(load<u8>(OUT, 3)).toBe(0x7f);
    putStart(OUT, 3);
    putBytes(IN, 3);
    putUint(1);
    expect(putEnd()).toBe(-1);
    expect(<i32>putBytesSpace(0)).toBe(0);
  });
});

describe("CBOR reader", () => {
  it("walks the examples of RFC 8949 appendix A", () => {
    expect(whole("00")).toBeTruthy();
    expect(whole("1818")).toBeTruthy();
    expect(whole("1bffffffffffffffff")).toBeTruthy();
    expect(whole("c249010000000000000000")).toBeTruthy();
    expect(whole("3bffffffffffffffff")).toBeTruthy();
    expect(whole("f93c00")).toBeTruthy();
    expect(whole("fa47c35000")).toBeTruthy();
    expect(whole("fb3ff199999999999a")).toBeTruthy();
    expect(whole("f4")).toBeTruthy();
    expect(whole("f7")).toBeTruthy();
    expect(whole("f0")).toBeTruthy();
    expect(whole("f8ff")).toBeTruthy();
    expect(whole("c074323031332d30332d32315432303a30343a30305a")).toBeTruthy();
    expect(whole("d818456449455446")).toBeTruthy();
    expect(whole("4401020304")).toBeTruthy();
    expect(whole("63e6b0b4")).toBeTruthy();
    expect(whole("8301820203820405")).toBeTruthy();
    expect(whole("98190102030405060708090a0b0c0d0e0f101112131415161718181819")).toBeTruthy();
    expect(whole("a26161016162820203")).toBeTruthy();
    expect(whole("a56161614161626142616361436164614461656145")).toBeTruthy();
    expect(whole("5f42010243030405ff")).toBeTruthy();
    expect(whole("7f657374726561646d696e67ff")).toBeTruthy();
    expect(whole("9fff")).toBeTruthy();
    expect(whole("9f018202039f0405ffff")).toBeTruthy();
    expect(whole("83018202039f0405ff")).toBeTruthy();
    expect(whole("bf61610161629f0203ffff")).toBeTruthy();
    expect(whole("bf6346756ef563416d7421ff")).toBeTruthy();
  });

  it("refuses what RFC 8949 appendix F calls not well-formed", () => {
    const bad: string[] = [
      "18",
      "19",
      "1a",
      "1b",
      "1901",
      "1a0102",
      "1b01020304050607",
      "38",
      "58",
      "78",
      "98",
      "9a01ff00",
      "b8",
      "d8",
      "f8",
      "f900",
      "fa0000",
      "fb000000",
      "41",
      "61",
      "5affffffff00",
      "5bffffffffffffffff010203",
      "7affffffff00",
      "7b7fffffffffffffff010203",
      "81",
      "818181818181818181",
      "8200",
      "a1",
      "a20102",
      "a100",
      "a2000000",
      "c0",
      "5f4100",
      "7f6100",
      "9f",
      "9f0102",
      "bf",
      "bf01020102",
      "819f",
      "9f8000",
      "9f9f9f9f9fffffffff",
      "9f819f819f9fffffff",
      "1c",
      "1d",
      "1e",
      "3c",
      "5c",
      "7c",
      "9c",
      "bc",
      "dc",
      "fc",
      "f800",
      "f801",
      "f818",
      "f81f",
      "5f00ff",
      "5f21ff",
      "5f6100ff",
      "5f80ff",
      "7f4100ff",
      "5f5f4100ffff",
      "7f7f6100ffff",
      "ff",
      "81ff",
      "8200ff",
      "a1ff",
      "a1ff00",
      "a100ff",
      "a20000ff",
      "9f81ff",
      "9f829f819f9fffffffff",
      "bf00ff",
      "bf000000ff",
      "1f",
      "3f",
      "df",
    ];
    for (let i = 0; i < bad.length; i++) expect(skipped(bad[i])).toBe(-1, bad[i]);
    expect(skipped("")).toBe(-1);
  });

  it("gives up on deep nesting and on lengths that cannot be", () => {
    expect(whole("8181818181818181" + "00")).toBeTruthy();
    expect(whole("818181818181818181" + "00")).toBeFalsy();
    memory.fill(IN, 0x81, 1024);
    expect(<i32>cborSkip(IN, IN + 1024)).toBe(0);
    memory.fill(IN, 0xa1, 1024);
    expect(<i32>cborFind(IN, IN + 1024, "data")).toBe(0);
    memory.fill(IN, 0x9f, 1024);
    expect(<i32>cborSkip(IN, IN + 1024)).toBe(0);
    memory.fill(IN, 0xc1, 1024);
    expect(<i32>cborSkip(IN, IN + 1024)).toBe(0);
    expect(skipped("bbffffffffffffffff6161")).toBe(-1);
    expect(skipped("9b7fffffffffffffff00")).toBe(-1);
    expect(skipped("9affffffff" + "00")).toBe(-1);
  });

  it("finds a key among others, in definite and indefinite maps", () => {
    const documents: string[] = [
      "a5 6161 01 6162 20 6163 420102 6164 83f5f4f6 6165 656865 6c6c6f",
      "bf 6161 01 6162 20 6163 420102 6164 9ff5f4f6ff 6165 656865 6c6c6f ff",
    ];
    for (let i = 0; i < 2; i++) {
      const end = IN + <usize>put(IN, documents[i]);
      expect(cborIsMap(IN, end)).toBeTruthy();
      expect(cborType(IN, end)).toBe(CBOR_MAP);
      expect(cborUint(IN, end, "a", 10)).toBe(1);
      expect(cborUint(IN, end, "a", 0)).toBe(-1);
      expect(cborUint(IN, end, "b", 10)).toBe(-1);
      expect(cborUint(IN, end, "x", 10)).toBe(-1);
      expect(cborIntAt(cborFind(IN, end, "b"), end, 77)).toBe(-1);
      expect(cborIntAt(cborFind(IN, end, "c"), end, 77)).toBe(77);
      expect(hex(cborBytes(IN, end, "c"), cborLength)).toBe("0102");
      expect(<i32>cborBytes(IN, end, "e")).toBe(0);
      const word = cborText(IN, end, "e");
      expect(cborSame(word, cborLength, "hello")).toBeTruthy();
      expect(cborSame(word, cborLength, "hellp")).toBeFalsy();
      expect(cborSame(word, cborLength, "hell")).toBeFalsy();
      expect(cborBool(IN, end, "a")).toBe(-1);
    }
    const end = IN + <usize>put(IN, "a2 616e f4 6179 f5");
    expect(cborBool(IN, end, "n")).toBe(0);
    expect(cborBool(IN, end, "y")).toBe(1);
  });

  it("believes no value of a map that is malformed, cut, or names the key twice", () => {
    let end = IN + <usize>put(IN, "a2 6161 01 6162 02");
    expect(cborUint(IN, end, "a", 9)).toBe(1);
    expect(cborUint(IN, end - 1, "a", 9)).toBe(-1);
    expect(cborIsMap(IN, end + 1)).toBeFalsy();
    end = IN + <usize>put(IN, "a2 6161 01 6161 02");
    expect(cborUint(IN, end, "a", 9)).toBe(-1);
    end = IN + <usize>put(IN, "a2 6161 01 6162 1c");
    expect(cborUint(IN, end, "a", 9)).toBe(-1);
    end = IN + <usize>put(IN, "82 6161 01");
    expect(cborUint(IN, end, "a", 9)).toBe(-1);
    expect(cborIsMap(IN, end)).toBeFalsy();
    end = IN + <usize>put(IN, "a1 6161 1bffffffffffffffff");
    expect(cborUint(IN, end, "a", i64.MAX_VALUE)).toBe(-1);
    expect(cborIntAt(cborFind(IN, end, "a"), end, 5)).toBe(5);
    end = IN + <usize>put(IN, "a1 6161 5f420102ff");
    expect(<i32>cborBytes(IN, end, "a")).toBe(0);
  });

  it("reads nothing outside: any bytes at the very end of memory", () => {
    const pages = memory.size();
    const top = (<usize>pages) << 16;
    let seed: u32 = 12345;
    for (let round = 0; round < 20000; round++) {
      const length = <usize>(round % 24) + 1;
      for (let i: usize = 1; i <= length; i++) {
        seed = seed * 1664525 + 1013904223;
        store<u8>(top - i, <u8>(seed >>> 24));
      }
      if (round & 1) store<u8>(top - length, 0xa0 | <u8>(round & 31));
      cborSkip(top - length, top);
      cborUint(top - length, top, "a", 5);
    }
    expect(ascii(IN, "done")).toBe(4);
  });
});
