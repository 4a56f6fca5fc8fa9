// The forms of a firmware that tools of device makers take, made from the linked ELF: Intel HEX and raw binary by objcopy, UF2
// (microsoft/uf2, "USB Flashing Format") by the package of that name.
import { readFileSync, writeFileSync } from "node:fs";
import { encodeBlock, UF2Flags } from "uf2";
import type { BoardFacts } from "./board.ts";
import { run } from "./compile.ts";
import type { Compiler } from "./compiler.ts";
import type { Elf } from "./elf.ts";

/** Bytes in a block: a page of most flash, and what all boot loaders take. */
const UF2_PAYLOAD = 256;

/** Makes the board's outputs beside the ELF file `stem`.elf; returns their paths, the ELF's among them. */
export async function makeOutputs(board: BoardFacts, { objcopy }: Compiler, stem: string, elf: Elf): Promise<string[]> {
  const made = [`${stem}.elf`];
  const wants = (kind: BoardFacts["outputs"][number]): boolean => board.outputs.includes(kind);
  if (wants("hex")) {
    await run(objcopy, ["-O", "ihex", `${stem}.elf`, `${stem}.hex`], ".");
    made.push(`${stem}.hex`);
  }
  if (wants("bin") || wants("uf2")) {
    // Gaps are what erased flash reads.
    await run(objcopy, ["-O", "binary", "--gap-fill", "0xff", `${stem}.elf`, `${stem}.bin`], ".");
    made.push(`${stem}.bin`);
  }
  if (wants("uf2") && board.uf2) {
    const base = Math.min(...elf.segments.map(({ address }) => address));
    writeFileSync(`${stem}.uf2`, uf2(readFileSync(`${stem}.bin`), base, Number(board.uf2.family)));
    made.push(`${stem}.uf2`);
  }
  return made;
}

/** A UF2 file of `binary`, which lies at `address`, for the family of boot loaders `family`. */
export function uf2(binary: Uint8Array, address: number, family: number): Uint8Array {
  const totalBlocks = Math.ceil(binary.length / UF2_PAYLOAD);
  const blocks = Array.from({ length: totalBlocks }, (_, blockNumber) => {
    const at = blockNumber * UF2_PAYLOAD;
    const payload = new Uint8Array(UF2_PAYLOAD).fill(0xff);
    payload.set(binary.subarray(at, at + UF2_PAYLOAD));
    return encodeBlock({
      flags: UF2Flags.familyIDPresent,
      flashAddress: address + at,
      payload,
      blockNumber,
      totalBlocks,
      boardFamily: family,
    });
  });
  return Buffer.concat(blocks);
}
