// Flash that no journal wrote, or that decayed: mounting never traps, nothing with a wrong CRC is handed out, and the
// store works afterwards. And the wear of long use: all blocks alike.
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { FaultFlash, mulberry32 } from "../host/simulator/fault-flash.ts";
import { type FlashGeometry, MemoryFlash } from "../host/simulator/flash.ts";
import { crc32 } from "../link/crc32.ts";
import { compileHarness, Journal, KIND, REASON } from "./journal-harness.ts";
import { boot, content, put, run, type Step, shows } from "./journal-model.ts";

beforeAll(compileHarness, 60_000);

const NOR: FlashGeometry = { bytes: 5 * 32_768, sector: 4096, unit: 1 };

/** A journal in use, and for each key everything that was ever put there. */
function inUse(): { flash: FaultFlash; ever: Map<string, Buffer[]> } {
  const flash = new FaultFlash(NOR);
  const ever = new Map<string, Buffer[]>();
  const steps: Step[] = [];
  for (let i = 0; i < 24; i++) {
    const changes = [put(KIND.template, i % 5, content(3000 + i, i)), put(KIND.record, i, content(300, 99 + i))];
    for (const { kind, id, data } of changes) {
      const key = `${kind}/${id}`;
      ever.set(key, [...(ever.get(key) ?? []), Buffer.from(data as Uint8Array)]);
    }
    steps.push(changes);
  }
  boot(flash, steps);
  return { flash, ever };
}

/** Mounts content that nobody vouches for: no trap, no wrong byte; and what comes next works. */
function check(bytes: Uint8Array, geometry: FlashGeometry, ever?: Map<string, Buffer[]>): Journal {
  const journal = new Journal(new MemoryFlash(geometry, bytes));
  if (journal.status !== 0) return journal;
  for (const [key, data] of journal.all()) {
    if (typeof data === "number") expect(data, key).toBe(-REASON.corrupt);
    else if (ever)
      expect(
        ever.get(key)?.some((own) => own.equals(data)),
        `${key} was never so`,
      ).toBe(true);
  }
  const status = journal.put(KIND.tries, 1, content(40, 4242));
  expect([0, REASON.full]).toContain(status);
  if (status === 0) expect(journal.get(KIND.tries, 1)).toEqual(content(40, 4242));
  return journal;
}

describe("hostile flash", () => {
  test("random bytes are an empty journal", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = mulberry32(seed);
        const bytes = new Uint8Array(NOR.bytes).map(() => random() * 256);
        const journal = check(bytes, NOR);
        expect(journal.status).toBe(0);
        expect(journal.all().size).toBe(1);
      }),
      { numRuns: 20 },
    );
  });

  test("any one bit wrong: an entry is as it was, or said to be corrupt, or gone", { timeout: 120_000 }, () => {
    const { flash, ever } = inUse();
    const random = mulberry32(5);
    const written = [...flash.bytes.keys()].filter((at) => flash.bytes[at] !== 0xff);
    // All of the first kilobyte, block header and entry headers included, and a sample of the rest.
    const places = [
      ...written.slice(0, 1024),
      ...Array.from({ length: 1500 }, () => written[Math.floor(random() * written.length)] as number),
    ];
    for (const at of places) {
      const bytes = flash.bytes.slice();
      bytes[at] = (bytes[at] as number) ^ (1 << (random() * 8));
      expect(check(bytes, NOR, ever).status).toBe(0);
    }
  });

  test("a wrong bit in one entry's header costs that entry alone", () => {
    const flash = new FaultFlash(NOR);
    const { journal } = boot(
      flash,
      [1, 2, 3].map((id): Step => [put(KIND.template, id, content(3000, id))]),
    );
    const header = Buffer.from(flash.bytes.buffer).indexOf(content(3000, 2).subarray(0, 16)) - 24;
    flash.bytes[header] = (flash.bytes[header] as number) ^ 4;
    expect((journal as Journal).get(KIND.template, 2)).toBe(-REASON.corrupt);
    const again = new Journal(flash);
    expect([...again.all().keys()]).toEqual(["1/1", "1/3"]);
    expect(again.put(KIND.template, 2, content(3000, 4))).toBe(0);
    expect([...new Journal(flash).all().keys()]).toEqual(["1/1", "1/2", "1/3"]);
  });

  test("many bits wrong, and whole stretches overwritten", { timeout: 120_000 }, () => {
    const { flash, ever } = inUse();
    const damage = fc.oneof(
      fc.record({ at: fc.nat(NOR.bytes - 1), bit: fc.nat(7) }),
      fc.record({ at: fc.nat(NOR.bytes - 1), length: fc.nat(9000), fill: fc.constantFrom(0, 0xff, 0x5a) }),
      fc.record({ from: fc.nat(NOR.bytes - 1), to: fc.nat(NOR.bytes - 1), length: fc.nat(5000) }),
    );
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 40 }), (damages) => {
        const bytes = flash.bytes.slice();
        for (const d of damages) {
          if ("bit" in d) bytes[d.at] = (bytes[d.at] as number) ^ (1 << d.bit);
          else if ("fill" in d) bytes.fill(d.fill, d.at, d.at + d.length);
          else bytes.copyWithin(d.to, d.from, d.from + d.length);
        }
        check(bytes, NOR, ever);
      }),
      { numRuns: 400 },
    );
  });

  test("well-formed nonsense: headers with good CRCs and whatever fields", { timeout: 120_000 }, () => {
    let seen = 0;
    const u32 = fc.oneof(
      { weight: 6, arbitrary: fc.nat(8) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffffffff }).map((n) => n >>> 0) },
      { weight: 1, arbitrary: fc.constantFrom(0x7fffffff, 0x80000000, 0xffffffff) },
    );
    const entry = fc.record({
      kind: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 1, max: 7 }) }, { weight: 1, arbitrary: fc.nat(255) }),
      flags: fc.nat(7),
      length: fc.oneof({ weight: 8, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.nat(65_535) }),
      id: u32,
      batch: u32,
    });
    const block = fc.record({ sequence: u32, erases: u32, entries: fc.array(entry, { maxLength: 60 }) });
    fc.assert(
      fc.property(fc.array(block, { minLength: 5, maxLength: 5 }), (blocks) => {
        const bytes = new Uint8Array(NOR.bytes).fill(0xff);
        const view = new DataView(bytes.buffer);
        blocks.forEach(({ sequence, erases, entries }, i) => {
          const at = i * 32_768;
          const seal = (from: number, length: number, before = 0): void =>
            view.setUint32(from + length, crc32(bytes.subarray(from, from + length), before), true);
          view.setUint32(at, 0x314e4d4b, true);
          view.setUint32(at + 4, (15 << 8) | 0, true);
          view.setUint32(at + 8, erases, true);
          seal(at, 12);
          view.setUint32(at + 24, sequence, true);
          seal(at + 24, 4, view.getUint32(at + 12, true));
          let offset = 32;
          for (const e of entries) {
            if (offset + 24 > 32_768) break;
            view.setUint8(at + offset, e.kind);
            view.setUint8(at + offset + 1, e.flags);
            view.setUint16(at + offset + 2, e.length, true);
            view.setUint32(at + offset + 4, e.id, true);
            view.setUint32(at + offset + 8, e.batch, true);
            view.setUint32(
              at + offset + 12,
              crc32(bytes.subarray(at + offset + 24, at + offset + 24 + e.length)),
              true,
            );
            seal(at + offset, 16, (Math.imul(sequence, 0x9e3779b1) + offset) >>> 0);
            offset += 24 + ((e.length + 7) & ~7);
          }
        });
        seen += check(bytes, NOR).all().size - 1;
      }),
      { numRuns: 500 },
    );
    expect(seen).toBeGreaterThan(500); // that is, they were good enough to be taken
  });

  test("a flash of another geometry is refused, not wiped", () => {
    const { flash } = inUse();
    const bytes = flash.bytes.slice();
    const other = new Journal(new MemoryFlash({ ...NOR, unit: 8 }, bytes));
    expect(other.status).toBe(1);
    expect(Buffer.compare(bytes, flash.bytes)).toBe(0);
  });
});

describe("cells that fail", () => {
  /** Flash with a byte that stays 0xFF whatever is written, and says nothing. */
  class StuckFlash extends FaultFlash {
    stuck = -1;
    override write(address: number, data: Uint8Array): void {
      super.write(address, data);
      if (this.stuck >= address && this.stuck < address + data.length) this.bytes[this.stuck] = 0xff;
    }
  }

  test("an entry that cannot be read back goes to another block", { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(fc.nat(NOR.bytes - 1), fc.boolean(), (at, header) => {
        const flash = new StuckFlash(NOR);
        flash.stuck = header ? at - (at % 32_768) + (at % 32) : at;
        const { journal } = boot(flash, []) as { journal: Journal };
        const model = new Map<string, Uint8Array>();
        for (let i = 0; i < 120; i++) {
          const [kind, id, data] =
            i % 3 ? [KIND.tries, i % 7, content(40, i)] : [KIND.template, i % 5, content(4000, i)];
          const status = journal.put(kind, id, data);
          if (status === 0) model.set(`${kind}/${id}`, data);
          else expect([header || at % 32_768 < 32, status]).toEqual([true, 2]);
        }
        expect(model.size).toBe(12);
        expect(shows(journal, model), "before").toBe(true);
        expect(shows(new Journal(flash), model), "after a reboot").toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe("long use", () => {
  test("blocks wear alike, though most entries never change", { timeout: 120_000 }, () => {
    const flash = new FaultFlash({ bytes: 8 * 32_768, sector: 4096, unit: 1 });
    const { journal } = boot(
      flash,
      [1, 2, 3, 4, 5, 6].map((id): Step => [put(KIND.template, id, content(4000, id))]),
    );
    for (let i = 0; i < 12_000; i++) {
      run(journal as Journal, [put(KIND.tries, i % 6, content(4, i)), put(KIND.record, i, content(300, i))]);
      if (i % 100 === 99) run(journal as Journal, [put(KIND.released, i, content(68, i))]);
      if (i % 1000 === 999) {
        run(journal as Journal, [put(KIND.template, 1 + (i % 6), content(4000, i))]);
        run(journal as Journal, "scrub");
      }
    }
    const [least, most] = [Math.min(...flash.erases), Math.max(...flash.erases)];
    expect(least).toBeGreaterThan(15);
    expect(most - least).toBeLessThanOrEqual(3);
  });

  test("a mount reads headers, not the data behind them", () => {
    let read = 0;
    class Counting extends FaultFlash {
      override read(address: number, into: Uint8Array): void {
        read += into.length;
        super.read(address, into);
      }
    }
    const flash = new Counting({ bytes: 1 << 20, sector: 4096, unit: 1 });
    const { journal } = boot(flash, []);
    for (let i = 0; i < 900; i++) run(journal as Journal, [put(KIND.record, i, content(300, i))]);
    for (let i = 0; i < 60; i++) run(journal as Journal, [put(KIND.template, i, content(4000, i))]);
    const blank = flash.bytes.length - Math.ceil(flash.bytes.findLastIndex((b) => b !== 0xff) / 32_768) * 32_768;
    read = 0;
    expect(new Journal(flash).status).toBe(0);
    // 20 bytes of header for each of 960 entries, block headers, and what looks blank is looked at.
    expect(read - blank).toBeLessThan(960 * 20 + 32 * 64 + 2 * 32_768);
  });

  test("a full journal still takes releases and removals, and then works again", () => {
    const flash = new FaultFlash(NOR);
    const journal = new Journal(flash);
    expect(journal.put(KIND.template, 1, content(4000, 1))).toBe(0);
    let index = 0;
    while (journal.put(KIND.record, index, content(300, index)) === 0) index++;
    expect(journal.put(KIND.record, index, content(300, index))).toBe(REASON.full);
    expect(journal.exports.journalFree(KIND.record)).toBeLessThan(journal.exports.journalCost(300));
    const before = flash.operations.length;
    expect(journal.put(KIND.template, 2, content(4000, 2))).toBe(REASON.full);
    expect(flash.operations.length).toBe(before);
    // The log was read: it can be released, and the template deleted, each together with its record.
    expect(journal.put(KIND.released, index, content(1000, 1))).toBe(0);
    expect(journal.remove(KIND.template, 1, true)).toBe(0);
    expect(journal.put(KIND.record, index, content(300, 2))).toBe(0);
    expect([...new Journal(flash).all().keys()]).toEqual([`2/${index}`, `3/${index}`]);
    expect(journal.put(KIND.template, 2, content(4000, 2))).toBe(0);
  });

  test("the longest entries, of which a block takes one: full is said in time, and removing helps", () => {
    const flash = new FaultFlash({ ...NOR, bytes: 12 * 32_768 });
    const journal = new Journal(flash);
    const long = (i: number): Uint8Array => content(16_384, i);
    let id = 0;
    let status = journal.put(KIND.template, id, long(id));
    while (status === 0) status = journal.put(KIND.template, ++id, long(id));
    expect(status).toBe(REASON.full);
    expect(id).toBeGreaterThan(5);
    for (let i = 0; i < 40; i++) {
      expect(journal.remove(KIND.template, i % id)).toBe(0);
      expect(journal.put(KIND.template, i % id, long(i))).toBe(0);
    }
    expect(new Journal(flash).all().size).toBe(id);
  });

  test("templates that fill the journal leave room for records", () => {
    const journal = new Journal(new FaultFlash(NOR));
    let id = 0;
    while (journal.put(KIND.template, id, content(4000, id)) === 0) id++;
    expect(id).toBeGreaterThan(10);
    for (let i = 0; i < 20; i++) expect(journal.put(KIND.record, i, content(300, i))).toBe(0);
  });
});
