// Random histories of the journal with power cuts at random places, against a plain map; and what `journalFree` promises.
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { ERASE_TEARS, FaultFlash, PowerCut, WRITE_TEARS } from "../host/simulator/fault-flash.ts";
import type { FlashGeometry } from "../host/simulator/flash.ts";
import { compileHarness, Journal, KIND, REASON } from "./journal-harness.ts";
import { after, type Change, content, difference, type Model, put, remove, shows } from "./journal-model.ts";

beforeAll(compileHarness, 60_000);

const geometry = fc.constantFrom<FlashGeometry>(
  { bytes: 4 * 32_768, sector: 4096, unit: 1 },
  { bytes: 5 * 32_768, sector: 512, unit: 4 },
  { bytes: 4 * 131_072, sector: 131_072, unit: 32 },
  { bytes: 6 * 65_536, sector: 65_536, unit: 16 },
);
const length = fc.oneof(
  { weight: 4, arbitrary: fc.nat(600) },
  { weight: 3, arbitrary: fc.integer({ min: 3000, max: 4500 }) },
  { weight: 1, arbitrary: fc.nat(16_384) },
);
const change = fc.oneof(
  fc.record({
    act: fc.constant("put" as const),
    kind: fc.constantFrom(KIND.template, KIND.policy, KIND.epoch, KIND.tries),
    id: fc.nat(9),
    length,
  }),
  fc.record({ act: fc.constant("record" as const), length: fc.integer({ min: 1, max: 700 }) }),
  fc.record({ act: fc.constant("remove" as const), at: fc.nat() }),
  fc.record({ act: fc.constant("release" as const), at: fc.nat(), length: fc.nat(1000) }),
);
type ChangeSpec = typeof change extends fc.Arbitrary<infer T> ? T : never;
const command = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      act: fc.constant("batch" as const),
      changes: fc.array(change, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ act: "scrub" as const }) },
  { weight: 1, arbitrary: fc.constant({ act: "reboot" as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant("cut" as const),
      after: fc.nat(30),
      write: fc.constantFrom(...WRITE_TEARS),
      erase: fc.constantFrom(...ERASE_TEARS),
    }),
  },
);

/** A device with its model; a cut leaves open for a moment whether the last batch counts. */
class Device {
  readonly flash: FaultFlash;
  journal: Journal;
  model: Model = new Map();
  #salt = 0;
  #records = 0;

  constructor(geometry: FlashGeometry) {
    this.flash = new FaultFlash(geometry);
    this.journal = new Journal(this.flash);
  }

  /** Makes changes that fit the present state of the journal. */
  resolve(changes: readonly ChangeSpec[]): Change[] {
    const made: Change[] = [];
    const touched = new Set<string>();
    let released = this.#released();
    let records = this.#records;
    for (const c of changes) {
      let next: Change | undefined;
      const fresh = (n: number): Uint8Array => content(n, ++this.#salt);
      if (c.act === "put") next = put(c.kind, c.id, fresh(c.length));
      else if (c.act === "record") next = put(KIND.record, records++, fresh(c.length));
      else if (c.act === "release" && this.#records > released) {
        released += 1 + (c.at % (this.#records - released));
        next = put(KIND.released, released, fresh(c.length));
      } else if (c.act === "remove") {
        const keys = [...this.model.keys()].filter((key) => !/^(2|3)\//.test(key));
        const [kind, id] = (keys[c.at % Math.max(1, keys.length)] ?? "").split("/").map(Number);
        if (kind !== undefined && id !== undefined) next = remove(kind, id);
      }
      if (!next || touched.has(`${next.kind}/${next.id}`)) continue;
      touched.add(`${next.kind}/${next.id}`);
      made.push(next);
    }
    return made;
  }

  #released(): number {
    for (const key of this.model.keys()) if (key.startsWith("3/")) return Number(key.slice(2));
    return 0;
  }

  /** Commits a batch, or finds the journal full, or loses power. */
  batch(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    const next = after(this.model, changes);
    try {
      for (const [i, { kind, id, data }] of changes.entries()) {
        const more = i < changes.length - 1;
        const promised =
          changes.length === 1 &&
          data &&
          data.length <= 4096 &&
          this.journal.exports.journalFree(kind) >= this.journal.exports.journalCost(data.length);
        const status = data ? this.journal.put(kind, id, data, more) : this.journal.remove(kind, id, more);
        if (status !== 0) {
          expect([REASON.full, REASON.tooLarge]).toContain(status);
          expect(promised, `journalFree promised room for ${data?.length}`).not.toBe(true);
          // Removing and releasing always works, and so gives room again.
          expect(changes.length > 1 || (data && kind !== KIND.released), "there is a reserve for it").toBeTruthy();
          this.check("after a refusal");
          return;
        }
      }
      this.settle(next);
    } catch (error) {
      this.lost(error, next);
    }
  }

  scrub(): void {
    try {
      expect(this.journal.scrub()).toBe(0);
    } catch (error) {
      this.lost(error, this.model);
    }
  }

  reboot(): void {
    try {
      this.journal = new Journal(this.flash);
      expect(this.journal.status).toBe(0);
    } catch (error) {
      this.lost(error, this.model);
    }
    this.check("after a reboot");
  }

  lost(error: unknown, next: Model): void {
    if (!(error instanceof PowerCut)) throw error;
    this.flash.restore();
    this.journal = new Journal(this.flash);
    expect(this.journal.status).toBe(0);
    if (shows(this.journal, next)) this.settle(next);
    this.check("after a cut");
  }

  settle(next: Model): void {
    this.model = next;
    const last = [...next.keys()].filter((key) => key.startsWith("2/")).map((key) => Number(key.slice(2)) + 1);
    this.#records = Math.max(this.#records, this.#released(), ...last);
  }

  check(when: string): void {
    if (!shows(this.journal, this.model)) expect.fail(`${when}: ${difference(this.journal, this.model)}`);
  }
}

test("any history, cut anywhere, shows what was committed", { timeout: 300_000 }, () => {
  let cuts = 0;
  fc.assert(
    fc.property(geometry, fc.array(command, { minLength: 20, maxLength: 120, size: "max" }), (geometry, commands) => {
      const device = new Device(geometry);
      for (const c of commands) {
        if (c.act === "batch") device.batch(device.resolve(c.changes));
        else if (c.act === "scrub") device.scrub();
        else if (c.act === "reboot") device.reboot();
        else {
          device.flash.cut(c.after, c.write, c.erase);
          cuts++;
        }
      }
      device.flash.restore();
      device.check("at the end");
      device.reboot();
    }),
    { numRuns: Number(process.env.KANMON_RUNS ?? 60) },
  );
  expect(cuts).toBeGreaterThan(100);
});
