// The size table: sums, what is refused, and what people read.
import { describe, expect, it } from "vitest";
import { loadImage } from "../evaluate/image.ts";
import { codeSizes } from "../wasm-sections.ts";
import { type BoardFacts, loadBoard } from "./board.ts";
import type { Elf } from "./elf.ts";
import { fitAreas, fitTable, needFit, type ToFit } from "./fit.ts";

const wasm = loadImage().bytes;
const section = (name: string, bytes: number, writable: boolean) => ({
  name,
  bytes,
  writable,
  address: 0,
  allocated: true,
  content: !writable,
});
const elf: Elf = {
  bits: 32,
  sections: [
    section(".text", 100_000, false),
    section(".data", 1_000, true),
    section(".bss", 20_000 + loadBoard("qemu_mps2_an500").memory.wasm_stack, true),
    section(".pool", 393_216, true),
    section(".pool_more", 131_072, true),
    section(".linear", 655_360, true),
    { ...section(".debug", 1_000_000, true), allocated: false },
  ],
  segments: [
    { address: 0, bytes: 100_000 },
    { address: 100_000, bytes: 1_000 },
  ],
};

function toFit(more: Partial<ToFit> = {}): ToFit {
  return {
    board: loadBoard("qemu_mps2_an500"),
    engine: "wasm3",
    codeBytes: codeSizes(wasm).codeBytes,
    recovery: new Uint8Array(9_000),
    signedBytes: 60_000,
    sessions: [
      { modality: "iris", frames: "320×240", bytes: 393_216 },
      { modality: "iris", frames: "640×480", bytes: 9_000_000 },
      { modality: "palm", frames: "180×180", bytes: 196_608 },
      { modality: "palm", frames: "320×240", bytes: 262_144 },
    ],
    ...more,
  };
}

/** What a board's board.json sets apart. */
const promised = ({ memory }: BoardFacts) =>
  memory.linear + memory.pool + memory.pool_more + memory.wasm_stack + memory.c_stack;
const areaOf = (areas: ReturnType<typeof fitAreas>, name: string) => areas.find(({ area }) => area === name);

describe("what takes how much", () => {
  it("is the sum of its parts, with the runner's data and code once it is linked", () => {
    const before = fitAreas(toFit());
    const after = fitAreas(toFit({ elf }));
    const memory = promised(loadBoard("qemu_mps2_an500"));
    expect(areaOf(before, "RAM")?.used).toBe(memory);
    expect(areaOf(after, "RAM")?.used).toBe(memory + 21_000);
    expect(areaOf(before, "code flash")).toBeUndefined();
    expect(areaOf(after, "code flash")).toMatchObject({ used: 101_000, fits: true });
    expect(areaOf(after, "linear memory")?.parts).toEqual([
      { what: "a session of iris 320×240, or palm 320×240", bytes: 393_216 },
    ]);
    for (const { used, parts } of after) expect(parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(used);
  });

  it("of the pool is worked out from the code section", () => {
    const pool = areaOf(fitAreas(toFit()), "pool of the engine");
    expect(pool?.parts[0]?.bytes).toBeGreaterThan(3 * codeSizes(wasm).codeBytes);
    expect(areaOf(fitAreas(toFit({ engine: "aot" })), "pool of the engine")).toBeUndefined();
  });

  it("of the pool may lie in two regions, of which the first may end in what is no whole code page", () => {
    const board = loadBoard("qemu_mps2_an500");
    const one = fitAreas(toFit());
    const two = fitAreas(toFit({ board: { ...board, memory: { ...board.memory, pool_more: 100_000 } } }));
    const [before, after] = [one, two].map((areas) => areaOf(areas, "pool of the engine"));
    expect(after?.room).toBe(before!.room + 100_000);
    expect(after?.used).toBe(before!.used + 4_096);
    expect(areaOf(two, "RAM")?.used).toBe(areaOf(one, "RAM")!.used + 100_000);
  });
});

describe("what does not fit", () => {
  const board = loadBoard("qemu_mps2_an500");
  const cases: [what: string, more: Partial<ToFit>, message: RegExp, help: RegExp][] = [
    [
      "sessions of one modality, of any size",
      {
        sessions: [
          { modality: "iris", frames: "320×240", bytes: 393_216 },
          { modality: "palm", frames: "180×180", bytes: board.memory.linear + 65_536 },
        ],
      },
      /linear memory is 65,536 bytes too large/,
      /Make memory\.linear in board\.json larger/,
    ],
    [
      "the compiled form",
      { board: { ...board, memory: { ...board.memory, pool: 65_536 } } },
      /pool of the engine is [\d,]+ bytes too large/,
      /memory\.pool or memory\.pool_more in board\.json larger, or take the engine aot/,
    ],
    [
      "the signed image",
      { signedBytes: board.flash.partitions.slot_a.bytes + 1 },
      /slot is 1 bytes too large/,
      /slot_a and slot_b/,
    ],
    [
      "the firmware",
      { board: { ...board, code: { bytes: 100_999 } }, elf },
      /code flash is 1 bytes too large/,
      /wasm3/,
    ],
    [
      "the runner's data",
      { board: { ...board, ram: { bytes: promised(board) + 20_999 } }, elf },
      /RAM is 1 bytes too large/,
      /smaller/,
    ],
  ];
  it.each(cases)("%s is refused, with what to do", (_, more, message, help) => {
    const areas = fitAreas(toFit(more));
    expect(() => needFit(areas, "b")).toThrow(
      expect.objectContaining({
        code: "KAN-BUILD-FIT",
        exit: 3,
        message: expect.stringMatching(message),
        help: expect.stringMatching(help),
      }),
    );
    expect(fitTable(areas)).toContain("TOO MANY");
  });

  it("and what does, is not", () => {
    expect(() => needFit(fitAreas(toFit({ elf })), "b")).not.toThrow();
    expect(fitTable(fitAreas(toFit({ elf })))).toMatch(/^ {2}data of the runner +21,000$/m);
  });
});
