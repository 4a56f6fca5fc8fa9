// UF2 files, read back block by block as a boot loader does (microsoft/uf2, "File format").
import { decodeBlock, isUF2Block } from "uf2";
import { describe, expect, it } from "vitest";
import { uf2 } from "./outputs.ts";

describe("a UF2 file", () => {
  it("has every byte of the binary at its address, and erased flash behind the end", () => {
    const binary = Uint8Array.from({ length: 1000 }, (_, i) => i * 7);
    const file = uf2(binary, 0x6000_0000, 0x4fb2_d5bd);
    expect(file.length).toBe(4 * 512);
    const read = new Uint8Array(1024);
    for (let i = 0; i < 4; i++) {
      const bytes = Uint8Array.from(file.subarray(i * 512, (i + 1) * 512));
      expect(isUF2Block(bytes)).toBe(true);
      const block = decodeBlock(bytes);
      expect(block).toMatchObject({ blockNumber: i, totalBlocks: 4, boardFamily: 0x4fb2_d5bd, flags: 0x2000 });
      expect(block.flashAddress).toBe(0x6000_0000 + 256 * i);
      read.set(block.payload, block.flashAddress - 0x6000_0000);
    }
    expect(read.subarray(0, 1000)).toEqual(binary);
    expect(read.subarray(1000)).toEqual(new Uint8Array(24).fill(0xff));
  });
});
