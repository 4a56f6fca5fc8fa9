// Reads what the size table and the outputs need from an ELF file (System V gABI, chapters 4 and 5): sections and loadable segments.
// Little-endian, 32 and 64 bits.

/** A section; sizes and addresses in bytes. */
export interface ElfSection {
  readonly name: string;
  readonly address: number;
  readonly bytes: number;
  /** SHF_ALLOC: in memory when the firmware runs. */
  readonly allocated: boolean;
  /** SHF_WRITE. */
  readonly writable: boolean;
  /** Has content in the file (not SHT_NOBITS). */
  readonly content: boolean;
}

/** A PT_LOAD segment that has content. */
export interface ElfSegment {
  /** Where it lies in flash (p_paddr) and how long its content is. */
  readonly address: number;
  readonly bytes: number;
}

export interface Elf {
  readonly bits: 32 | 64;
  readonly sections: readonly ElfSection[];
  readonly segments: readonly ElfSegment[];
}

const PT_LOAD = 1;
const SHT_NOBITS = 8;
const SHF_WRITE = 1;
const SHF_ALLOC = 2;

/** Parses a linked firmware. Throws RangeError for anything but a little-endian ELF file. */
export function readElf(file: Buffer): Elf {
  if (file.length < 52 || file.readUInt32BE(0) !== 0x7f454c46 || file[5] !== 1)
    throw new RangeError("not a little-endian ELF file");
  const wide = file[4] === 2;
  const word = (at: number): number => (wide ? Number(file.readBigUInt64LE(at)) : file.readUInt32LE(at));
  const [phoff, shoff] = wide ? [word(32), word(40)] : [word(28), word(32)];
  const counts = wide ? 54 : 42;
  const [phentsize, phnum, shentsize, shnum, shstrndx] = [0, 2, 4, 6, 8].map((i) => file.readUInt16LE(counts + i)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const header = (i: number) => {
    const at = shoff + i * shentsize;
    const [flags, address, offset, bytes] = wide ? [8, 16, 24, 32] : [8, 12, 16, 20];
    return {
      name: file.readUInt32LE(at),
      type: file.readUInt32LE(at + 4),
      flags: word(at + flags!),
      address: word(at + address!),
      offset: word(at + offset!),
      bytes: word(at + bytes!),
    };
  };
  const names = header(shstrndx).offset;
  const sections = Array.from({ length: shnum }, (_, i) => {
    const { name, type, flags, address, bytes } = header(i);
    const start = names + name;
    return {
      name: file.toString("latin1", start, file.indexOf(0, start)),
      address,
      bytes,
      allocated: (flags & SHF_ALLOC) !== 0,
      writable: (flags & SHF_WRITE) !== 0,
      content: type !== SHT_NOBITS,
    };
  });
  const segments = Array.from({ length: phnum }, (_, i) => {
    const at = phoff + i * phentsize;
    const [paddr, filesz] = wide ? [24, 32] : [12, 16];
    return { type: file.readUInt32LE(at), address: word(at + paddr!), bytes: word(at + filesz!) };
  });
  return {
    bits: wide ? 64 : 32,
    sections,
    segments: segments.filter(({ type, bytes }) => type === PT_LOAD && bytes > 0),
  };
}
