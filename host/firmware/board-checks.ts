// What a schema cannot say of board.json: facts that must agree with one another, with the image's rules and with the folder.
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { BoardFacts } from "./board.ts";

/** A WebAssembly page (core specification 1.0, section 2.5.5). */
export const PAGE_BYTES = 65_536;
/** What the pool's blocks are multiples of (boards/port/pool.c). */
const GRANULE = 8;
/** What the image's journal takes (assembly/store/): sectors of 512 to 131,072 bytes, write units of 1 to 32, both powers of two. */
const SECTOR = { least: 512, most: 131_072 };
const UNIT_MOST = 32;
/** Least sectors: the keys in one; the state is a log over at least two and one that is erased; the journal needs room to compact. */
const SECTORS = { keys: 1, state: 3, slot_a: 1, slot_b: 1, journal: 4 } as const;

/** A sentence for each fact of `board` that cannot be, beginning with its path in board.json; none: all agree. */
export function boardFaults(board: BoardFacts, folder: string): string[] {
  return [...folderFaults(board, folder), ...memoryFaults(board), ...flashFaults(board), ...outputFaults(board)];
}

function folderFaults({ name, sources, linker }: BoardFacts, folder: string): string[] {
  const faults = [];
  if (name !== basename(folder)) faults.push(`name: is ${name}, but the folder is called ${basename(folder)}`);
  for (const [field, files] of Object.entries({ sources, linker: linker ? [linker] : [] }))
    for (const file of files)
      if (!existsSync(join(folder, file))) faults.push(`${field}: there is no ${join(basename(folder), file)}`);
  return faults;
}

function memoryFaults({ memory, ram }: BoardFacts): string[] {
  const faults = [];
  const { linear, pool, pool_more, wasm_stack, c_stack } = memory;
  if (linear % PAGE_BYTES !== 0) faults.push(`memory.linear: ${linear} is not whole pages of ${PAGE_BYTES}`);
  for (const [field, bytes] of Object.entries({ pool, pool_more }))
    if (bytes % GRANULE !== 0) faults.push(`memory.${field}: ${bytes} is not a multiple of ${GRANULE}`);
  const sum = linear + pool + pool_more + wasm_stack + c_stack;
  if (sum > ram.bytes)
    faults.push(
      `memory: linear + pool + pool_more + wasm_stack + c_stack are ${sum}, ${sum - ram.bytes} more than ram.bytes`,
    );
  return faults;
}

function flashFaults({ flash }: BoardFacts): string[] {
  const { sector, unit, partitions } = flash;
  const power = (n: number): boolean => (n & (n - 1)) === 0;
  if (!power(sector) || sector < SECTOR.least || sector > SECTOR.most)
    return [`flash.sector: ${sector} is not a power of two from ${SECTOR.least} to ${SECTOR.most}`];
  const faults = [];
  if (!power(unit) || unit > UNIT_MOST)
    faults.push(`flash.unit: ${unit} is not a power of two of at most ${UNIT_MOST}`);
  if (flash.bytes % sector !== 0) faults.push(`flash.bytes: ${flash.bytes} is not whole sectors of ${sector}`);
  const all = Object.entries(partitions).sort(([, a], [, b]) => a.address - b.address);
  for (const [i, [name, { address, bytes }]] of all.entries()) {
    const at = `flash.partitions.${name}`;
    const least = SECTORS[name as keyof typeof SECTORS] * sector;
    if (address % sector !== 0) faults.push(`${at}.address: ${address} is not at a sector of ${sector}`);
    if (bytes % sector !== 0) faults.push(`${at}.bytes: ${bytes} is not whole sectors of ${sector}`);
    if (bytes < least) faults.push(`${at}.bytes: needs at least ${least} (${least / sector} sectors)`);
    if (address + bytes > flash.bytes)
      faults.push(`${at}: ends ${address + bytes - flash.bytes} bytes behind the flash`);
    const next = all[i + 1];
    if (next && address + bytes > next[1].address)
      faults.push(`${at}: overlaps ${next[0]} by ${address + bytes - next[1].address} bytes`);
  }
  const { slot_a, slot_b } = partitions;
  if (slot_a.bytes !== slot_b.bytes)
    faults.push(`flash.partitions: slot_a (${slot_a.bytes}) and slot_b (${slot_b.bytes}) must be of one size`);
  return faults;
}

function outputFaults({ flash, outputs, uf2, emulator, tested_on }: BoardFacts): string[] {
  const faults = [];
  if (outputs.includes("uf2") && !uf2) faults.push("uf2.family: is needed, because outputs has uf2");
  if (emulator && !emulator.args.some((arg) => arg.includes("{flash}")))
    faults.push("emulator.args: nothing has {flash}, the file that keeps the flash");
  if (emulator && ![emulator.command, ...emulator.args].some((arg) => arg.includes("{elf}")))
    faults.push("emulator: neither command nor args has {elf}, the firmware");
  const file = emulator?.flash_file;
  if (file && file.offset + flash.bytes > file.bytes)
    faults.push(`emulator.flash_file: the flash ends ${file.offset + flash.bytes - file.bytes} bytes behind it`);
  if (emulator && tested_on === null) faults.push("tested_on: is null, but the board has an emulator: say which");
  return faults;
}
