// board.json: the project's boards are right, and each rule says what is wrong when it is broken.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type BoardFacts, boardNames, boardsFolder, loadBoard, loadBoards, readBoard } from "./board.ts";

const work = mkdtempSync(join(tmpdir(), "kanmon-boards-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

type Change = (board: BoardFacts & Record<string, unknown>) => void;

/** What reading a copy of a board with `change` made to it says. */
function faultOf(change: Change, from = "qemu_mps2_an500"): string {
  const folder = join(work, from);
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(boardsFolder(), from), folder, { recursive: true });
  cpSync(join(boardsFolder(), "common"), join(work, "common"), { recursive: true });
  const { folder: _, ...facts } = loadBoard(from);
  const board = structuredClone(facts) as BoardFacts & Record<string, unknown>;
  change(board);
  writeFileSync(join(folder, "board.json"), JSON.stringify(board));
  try {
    readBoard(folder);
  } catch (error) {
    expect(error).toMatchObject({ code: "KAN-BOARD-FILE", help: expect.stringContaining("CONTRIBUTING.md") });
    return (error as Error).message;
  }
  return "no fault";
}

describe("the project's boards", () => {
  it("are all right", () => {
    const boards = loadBoards();
    expect(boards.map(({ name }) => name)).toEqual(boardNames());
    expect(boardNames()).toEqual(expect.arrayContaining(["native_sim", "qemu_mps2_an500"]));
  });

  it("a copy without a change has no fault", () => {
    expect(faultOf(() => undefined)).toBe("no fault");
  });

  it("an unknown one is told, with those of a similar name", () => {
    expect(() => loadBoard("qemu_mps2_an50")).toThrow(
      expect.objectContaining({ code: "KAN-BOARD-UNKNOWN", help: expect.stringContaining("qemu_mps2_an500") }),
    );
    expect(() => loadBoard("arduino")).toThrow(
      expect.objectContaining({ help: expect.stringContaining("Boards: native_sim") }),
    );
  });
});

describe("what is wrong with board.json is said with its path", () => {
  const rules: [what: string, change: Change, message: RegExp][] = [
    ["an unknown field", (b) => Object.assign(b, { colour: "red" }), /colour/],
    ["a missing field", (b) => delete (b as Partial<BoardFacts>).uart, /uart: /],
    ["an engine that is none", (b) => Object.assign(b, { engines: ["v8"] }), /engines\.0/],
    ["another name than the folder", (b) => Object.assign(b, { name: "other" }), /name: is other, but the folder/],
    ["a source that is not there", (b) => b.sources.push("gone.c"), /sources: there is no .*gone\.c/],
    ["linear memory of half a page", (b) => (b.memory.linear += 32_768), /memory\.linear: \d+ is not whole pages/],
    [
      "a region of the pool of half a block",
      (b) => (b.memory.pool_more = 4),
      /memory\.pool_more: 4 is not a multiple of 8/,
    ],
    [
      "more memory than RAM",
      (b) => (b.memory.pool_more = b.ram.bytes),
      /memory: linear \+ pool \+ pool_more \+ wasm_stack \+ c_stack are \d+, \d+ more/,
    ],
    ["a sector that is no power of two", (b) => (b.flash.sector = 5000), /flash\.sector: 5000/],
    ["a unit that is no power of two", (b) => (b.flash.unit = 12), /flash\.unit: 12/],
    ["a unit that is too large", (b) => (b.flash.unit = 64), /flash\.unit: 64/],
    ["flash of half a sector", (b) => (b.flash.bytes += 1), /flash\.bytes: \d+ is not whole sectors/],
    [
      "a partition between sectors",
      (b) => (b.flash.partitions.state.address += 512),
      /partitions\.state\.address: \d+ is not at a sector/,
    ],
    ["one of half a sector", (b) => (b.flash.partitions.journal.bytes -= 1), /partitions\.journal\.bytes/],
    [
      "overlapping ones",
      (b) => (b.flash.partitions.keys.bytes += b.flash.sector),
      /partitions\.keys: overlaps state by 4096 bytes/,
    ],
    [
      "one behind the flash",
      (b) => (b.flash.partitions.journal.bytes += b.flash.sector),
      /partitions\.journal: ends 4096 bytes behind the flash/,
    ],
    [
      "slots of two sizes",
      (b) => (b.flash.partitions.slot_b.bytes -= b.flash.sector),
      /slot_a \(\d+\) and slot_b \(\d+\) must be of one size/,
    ],
    [
      "a state of two sectors",
      (b) => (b.flash.partitions.state.bytes = 2 * b.flash.sector),
      /partitions\.state\.bytes: needs at least 12288 \(3 sectors\)/,
    ],
    ["UF2 without a family", (b) => (b.outputs = ["elf", "uf2"]), /uf2\.family: is needed/],
    [
      "an emulator without the flash",
      (b) => (b.emulator = { command: "{elf}", args: [] }),
      /emulator\.args: nothing has \{flash\}/,
    ],
    [
      "a flash behind the emulator's file",
      (b) => (b.emulator!.flash_file!.offset = b.emulator!.flash_file!.bytes),
      /emulator\.flash_file: the flash ends 1048576 bytes behind it/,
    ],
    ["an emulator that was never run", (b) => (b.tested_on = null), /tested_on: is null/],
  ];
  it.each(rules)("%s", (_, change, message) => expect(faultOf(change)).toMatch(message));

  it("an address in hexadecimal, which JSON has not", () => {
    const folder = join(work, "hexadecimal");
    mkdirSync(folder);
    writeFileSync(join(folder, "board.json"), '{ "flash": { "base": 0x70000000 } }');
    expect(() => readBoard(folder)).toThrow(/not JSON: .*1879048192 for 0x70000000/);
  });

  it("every fault at once", () => {
    const both = faultOf((b) => {
      b.flash.unit = 12;
      b.memory.linear += 1;
    });
    expect(both).toMatch(/memory\.linear.*; flash\.unit/);
  });

  it("a file that is no JSON", () => {
    const folder = join(work, "broken");
    cpSync(join(boardsFolder(), "native_sim"), folder, { recursive: true });
    writeFileSync(join(folder, "board.json"), "{");
    expect(() => readBoard(folder)).toThrow(/not JSON/);
  });
});
