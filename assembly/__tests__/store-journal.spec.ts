// The journal on a board whose flash fails (as-pect.config.js): it says so, and keeps nothing half. What it does on flash that
// works, and on flash whose power goes, is in tests/power-cut-*.test.ts.
import { blockBytes, blockCount, layBlocks, padded } from "../store/blocks";
import {
  journalCount,
  journalFirst,
  journalFree,
  journalGet,
  journalMount,
  journalPut,
  journalRemove,
  journalScrub,
} from "../store/journal";
import {
  ENTRY_LAST,
  JOURNAL_GEOMETRY,
  JOURNAL_INVALID,
  JOURNAL_IO,
  JOURNAL_NOT_FOUND,
  JOURNAL_TOO_LARGE,
  JOURNAL_UNMOUNTED,
  KIND_RELEASED,
  KIND_TEMPLATE,
} from "../store/kinds";

const DATA = memory.data(64, 8);

describe("geometry", () => {
  it("lays blocks of 32 KiB or more, 4 to 128 of them", () => {
    expect(layBlocks(131072, 512, 1)).toBe(0);
    expect(blockBytes).toBe(32768);
    expect(blockCount).toBe(4);
    expect(layBlocks(1 << 20, 131072, 32)).toBe(0);
    expect(blockBytes).toBe(131072);
    expect(blockCount).toBe(8);
    expect(layBlocks(16 << 20, 4096, 1)).toBe(0);
    expect(blockBytes).toBe(131072);
    expect(blockCount).toBe(128);
  });

  it("pads entries to the write unit and to 8", () => {
    layBlocks(131072, 4096, 1);
    expect(padded(20)).toBe(24);
    layBlocks(131072, 4096, 32);
    expect(padded(20)).toBe(32);
    expect(padded(0)).toBe(0);
  });

  it("refuses what it cannot use", () => {
    expect(journalMount(131072 - 1, 4096, 1)).toBe(JOURNAL_GEOMETRY);
    expect(journalMount(131072, 4095, 1)).toBe(JOURNAL_GEOMETRY);
    expect(journalMount(131072, 256, 1)).toBe(JOURNAL_GEOMETRY);
    expect(journalMount(1 << 20, 262144, 1)).toBe(JOURNAL_GEOMETRY);
    expect(journalMount(131072, 4096, 64)).toBe(JOURNAL_GEOMETRY);
    expect(journalMount(131072, 4096, 3)).toBe(JOURNAL_GEOMETRY);
    expect(journalMount(131072, 4096, 0)).toBe(JOURNAL_GEOMETRY);
    expect(journalMount(131072, 0, 1)).toBe(JOURNAL_GEOMETRY);
    expect(journalPut(KIND_TEMPLATE, 1, DATA, 64, 0)).toBe(JOURNAL_UNMOUNTED);
    expect(journalGet(KIND_TEMPLATE, 1, DATA, 64)).toBe(-JOURNAL_UNMOUNTED);
    expect(journalScrub()).toBe(-JOURNAL_UNMOUNTED);
    expect(journalFree(KIND_TEMPLATE)).toBe(0);
  });
});

describe("flash that fails", () => {
  it("is told at the put, and nothing is visible", () => {
    expect(journalMount(131072, 4096, 1)).toBe(0);
    expect(journalPut(KIND_TEMPLATE, 1, DATA, 64, 0)).toBe(JOURNAL_IO);
    expect(journalCount(KIND_TEMPLATE)).toBe(0);
    expect(journalFirst(KIND_TEMPLATE, 0)).toBe(-1);
    expect(journalGet(KIND_TEMPLATE, 1, DATA, 64)).toBe(-JOURNAL_NOT_FOUND);
  });
});

describe("arguments", () => {
  it("are checked", () => {
    journalMount(131072, 4096, 1);
    expect(journalPut(0, 1, DATA, 1, 0)).toBe(JOURNAL_INVALID);
    expect(journalPut(16, 1, DATA, 1, 0)).toBe(JOURNAL_INVALID);
    expect(journalPut(KIND_TEMPLATE, 0x80000000, DATA, 1, 0)).toBe(JOURNAL_INVALID);
    expect(journalPut(KIND_TEMPLATE, 1, DATA, -1, 0)).toBe(JOURNAL_INVALID);
    expect(journalPut(KIND_TEMPLATE, 1, DATA, ENTRY_LAST + 1, 0)).toBe(JOURNAL_TOO_LARGE);
    expect(journalRemove(KIND_TEMPLATE, 1, 0)).toBe(JOURNAL_NOT_FOUND);
    expect(journalRemove(KIND_RELEASED, 1, 0)).toBe(JOURNAL_INVALID);
  });
});
