// Boards that nobody here can run: where everything lies in their firmware, word for word, as the manuals want it (RM0433 section 2;
// IMXRT1060RM chapters 3, 9, 27; Armv7-M ARM B1.5.3). Skipped without the compiler.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { loadBoard } from "../../host/firmware/board.ts";
import { buildFirmware } from "../../host/firmware/build.ts";
import { findProgram, hasCompiler } from "../../host/firmware/compiler.ts";
import { type Elf, type ElfSection, readElf } from "../../host/firmware/elf.ts";

interface Built {
  readonly elf: Elf;
  readonly path: string;
  readonly bin: Buffer;
  readonly hex: string;
  readonly uf2: Buffer;
}

async function build(name: string): Promise<Built> {
  const { elf: path } = await buildFirmware({ board: loadBoard(name), engine: "wasm3" });
  const other = (kind: string) => path.replace(/elf$/, kind);
  return {
    elf: readElf(readFileSync(path)),
    path,
    bin: readFileSync(other("bin")),
    hex: readFileSync(other("hex"), "latin1"),
    uf2: readFileSync(other("uf2")),
  };
}

function section({ elf }: Built, name: string): ElfSection {
  const found = elf.sections.find((section) => section.name === name);
  if (!found) throw new Error(`no section ${name}`);
  return found;
}

/** That a section is reserved in this memory. */
function expectIn(built: Built, name: string, [start, bytes]: readonly [number, number]): void {
  const { address, bytes: size } = section(built, name);
  expect(size, name).toBeGreaterThan(0);
  expect(address, name).toBeGreaterThanOrEqual(start);
  expect(address + size, name).toBeLessThanOrEqual(start + bytes);
}

/** Checks a vector table: stack, reset, faults, tick, one interrupt, and nothing else. */
function expectVectors(built: Built, at: number, irq: number): void {
  const word = (n: number) => built.bin.readUInt32LE(at + 4 * n);
  const text = section(built, ".text");
  const stack = section(built, ".stack");
  expect(word(0)).toBe(stack.address + stack.bytes);
  expect(word(0) % 8).toBe(0);
  const used = [1, 2, 3, 4, 5, 6, 11, 12, 14, 15, 16 + irq];
  for (let n = 1; n <= 16 + irq; n++) {
    if (!used.includes(n)) expect(word(n), `vector ${n}`).toBe(0);
    else {
      expect(word(n) & 1, `vector ${n} is Thumb`).toBe(1);
      expect(word(n)).toBeGreaterThan(text.address);
      expect(word(n)).toBeLessThan(text.address + text.bytes);
    }
  }
  expect(new Set([1, 3, 15, 16 + irq].map(word)).size).toBe(4);
}

/** Targets of all calls and jumps in .fast, as objdump decodes it. */
function fastTargets({ path }: Built): number[] {
  const { stdout } = spawnSync(findProgram("arm-none-eabi-objdump") ?? "", ["-d", "-j", ".fast", path], {
    encoding: "utf8",
  });
  expect(stdout).toContain("<serial_poll>:");
  expect(stdout).not.toMatch(/veneer|\tblx\t|\tbx\tr|\tldr(\.w)?\tpc,/);
  return [...stdout.matchAll(/\t(?:bl|b|b[a-z]{2}|cbn?z)(?:\.[nw])?\t(?:r\d+, )?([0-9a-f]+) </g)].map(([, to]) =>
    Number.parseInt(to as string, 16),
  );
}

const MEMORIES = {
  nucleo_h743zi: {
    code: [0x08000000, 0x80000],
    itcm: [0x20, 0x10000 - 0x20],
    dtcm: [0x20000000, 0x20000],
    linear: [0x24000000, 0x80000],
    pool: [0x30000000, 0x48000],
    more: { ".pool_more": [0x24000000, 0x80000] },
    irq: 39,
    vectors: 0,
  },
  teensy41: {
    code: [0x60000000, 0x100000],
    itcm: [0x20, 0x20000 - 0x20],
    dtcm: [0x20000000, 0x20000],
    linear: [0x20200000, 0xc0000],
    pool: [0x20200000, 0xc0000],
    more: {},
    irq: 25,
    vectors: 0x2000,
  },
} as const;

describe.skipIf(!hasCompiler(loadBoard("teensy41")))("layout", () => {
  describe.each(Object.keys(MEMORIES) as (keyof typeof MEMORIES)[])("of %s", (name) => {
    const memory = MEMORIES[name];
    let built: Built;
    beforeAll(async () => {
      built = await build(name);
    }, 300_000);

    it("puts each section into its memory", () => {
      expectIn(built, ".text", memory.code);
      expectIn(built, ".fast", memory.itcm);
      for (const data of [".stack", ".retained", ".data", ".bss"]) expectIn(built, data, memory.dtcm);
      expectIn(built, ".linear", memory.linear);
      expectIn(built, ".pool", memory.pool);
      for (const [name, place] of Object.entries(memory.more)) expectIn(built, name, place);
      expect(section(built, ".stack").address).toBe(memory.dtcm[0]);
    });

    it("flashes all from the start of the code's flash on, in one piece, before the data flash", () => {
      const [first] = built.elf.segments;
      const end = Math.max(...built.elf.segments.map(({ address, bytes }) => address + bytes));
      expect(first?.address).toBe(memory.code[0]);
      expect(end - memory.code[0]).toBe(built.bin.length);
      expect(end).toBeLessThanOrEqual(loadBoard(name).flash.base);
      expect(loadBoard(name).flash.base).toBe(memory.code[0] + memory.code[1]);
    });

    it("keeps RETAINED memory out of the file and out of what start-up writes", () => {
      for (const reserved of [".retained", ".stack", ".linear", ".pool", ...Object.keys(memory.more)])
        expect(section(built, reserved).content, reserved).toBe(false);
    });

    it("has the vector table where the chip looks for it", () => {
      expectVectors(built, memory.vectors, memory.irq);
    });

    it("never leaves ITCM while the flash is busy", () => {
      const targets = fastTargets(built);
      const { address, bytes } = section(built, ".fast");
      expect(targets.length).toBeGreaterThan(10);
      for (const target of targets) {
        expect(target).toBeGreaterThanOrEqual(address);
        expect(target).toBeLessThan(address + bytes);
      }
    });

    it("gives HEX and UF2 with the same addresses", () => {
      const high = (memory.code[0] >>> 16).toString(16).toUpperCase().padStart(4, "0");
      expect(built.hex.startsWith(`:02000004${high}`)).toBe(true);
      expect(built.uf2.readUInt32LE(12)).toBe(memory.code[0]);
      expect(built.uf2.readUInt32LE(28)).toBe(Number(loadBoard(name).uf2?.family));
      expect(built.uf2.subarray(32, 32 + 256)).toEqual(built.bin.subarray(0, 256));
    });
  });

  it("of teensy41 has what the boot ROM reads", async () => {
    const { bin } = await build("teensy41");
    const word = (at: number) => bin.readUInt32LE(at);
    // FlexSPI configuration block: tag, version, 8 MB, serial NOR on four pads at 133 MHz; page, sector.
    expect(bin.toString("latin1", 0, 4)).toBe("FCFB");
    expect([0x4, 0xc, 0x44, 0x50, 0x1c0, 0x1c4].map(word)).toEqual([
      0x56010000, 0x00030301, 0x00080401, 0x00800000, 256, 4096,
    ]);
    // Quad I/O read, status, write enable, erase, program.
    expect([0x80, 0x84, 0x90, 0xb0, 0xd0, 0x110, 0x114].map(word)).toEqual([
      0x0a1804eb, 0x26043206, 0x24040405, 0x00000406, 0x08180420, 0x08180402, 0x00002004,
    ]);
    // Image vector table: header, vector table, no device configuration, boot data, itself, no signature; boot data: start, length.
    expect([0, 4, 8, 12, 16, 20, 24, 28].map((at) => word(0x1000 + at))).toEqual([
      0x402000d1, 0x60002000, 0, 0, 0x60001020, 0x60001000, 0, 0,
    ]);
    expect([0x1020, 0x1024, 0x1028].map(word)).toEqual([0x60000000, bin.length, 0]);
    expect(bin.subarray(0x102c, 0x2000).every((byte) => byte === 0xff)).toBe(true);
  }, 300_000);
});
