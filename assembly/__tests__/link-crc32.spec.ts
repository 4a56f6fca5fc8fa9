// CRC-32 against the check value and the examples everyone publishes (ISO-HDLC of the CRC catalogue).
import { crc32 } from "../link/crc32";
import { ascii } from "./link-bytes";

const IN: usize = memory.data(512);

describe("CRC-32", () => {
  it("gives the catalogue's check value", () => {
    expect(crc32(IN, ascii(IN, "123456789"))).toBe(0xcbf43926);
    expect(crc32(IN, 0)).toBe(0);
    expect(crc32(IN, ascii(IN, "The quick brown fox jumps over the lazy dog"))).toBe(0x414fa339);
  });

  it("is the same in one part and in several, at any alignment", () => {
    for (let i: usize = 0; i < 300; i++) store<u8>(IN + i, <u8>(i * 7));
    for (let length = 0; length < 40; length++) {
      for (let cut = 0; cut <= length; cut++) {
        expect(crc32(IN + 3 + <usize>cut, length - cut, crc32(IN + 3, cut))).toBe(crc32(IN + 3, length));
      }
    }
  });

  it("leaves the residue of every good frame", () => {
    const crc = crc32(IN, ascii(IN, "123456789"));
    store<u32>(IN, crc, 9);
    expect(crc32(IN, 13)).toBe(0x2144df1c);
  });
});
