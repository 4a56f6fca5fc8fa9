// The scenarios that are cut: what a device does with its journal, on flash of three kinds, and what must hold after a cut.
import { expect } from "vitest";
import { FaultFlash } from "../host/simulator/fault-flash.ts";
import type { FlashGeometry } from "../host/simulator/flash.ts";
import { Journal, KIND } from "./journal-harness.ts";
import { after, boot, content, difference, type Model, put, remove, run, type Step, shows } from "./journal-model.ts";

export const GEOMETRIES: Record<string, FlashGeometry> = {
  "serial NOR, 4 KiB sectors, by the byte": { bytes: 6 * 32_768, sector: 4096, unit: 1 },
  "STM32H7, 128 KiB sectors, 32-byte words": { bytes: 5 * 131_072, sector: 131_072, unit: 32 },
  "STM32G4, 2 KiB sectors, 8-byte words": { bytes: 6 * 32_768, sector: 2048, unit: 8 },
};

export const template = (seed: number): Uint8Array => content(3700, seed);
export const record = (index: number): Uint8Array => content(310, 7000 + index);
const tries = (n: number): Uint8Array => Uint8Array.of(n, 0, 0, 0);
const epoch = (n: number): Uint8Array => content(48, 9000 + n);

/** A device in use: three references, some records, a policy. */
const inUse: Step[] = [
  [put(KIND.epoch, 0, epoch(1))],
  [put(KIND.policy, 0, content(900, 1))],
  ...[1, 2, 3].map((id): Step => [put(KIND.template, id, template(id)), put(KIND.record, id - 1, record(id - 1))]),
  [put(KIND.tries, 2, tries(1)), put(KIND.record, 3, record(3))],
];

/** Overwrites one long entry until the next one must compact. */
function churn(geometry: FlashGeometry): Step[] {
  const flash = new FaultFlash(geometry);
  const steps: Step[] = [...inUse];
  const { journal } = boot(flash, steps);
  for (let i = 0; ; i++) {
    const step: Step = [put(KIND.authority, 0, content(9000, 100 + i))];
    const before = flash.operations.length;
    run(journal as Journal, step);
    if (flash.operations.slice(before).some((o) => o.kind === "erase" && o.length > 0 && i > 20)) return steps;
    steps.push(step);
  }
}

export const SCENARIOS: Record<string, (geometry: FlashGeometry) => { prepared: Step[]; steps: Step[] }> = {
  "first format": () => ({ prepared: [], steps: inUse.slice(0, 3) }),
  enrol: () => ({ prepared: inUse, steps: [[put(KIND.template, 4, template(4)), put(KIND.record, 4, record(4))]] }),
  verify: () => ({
    prepared: inUse,
    steps: [
      [put(KIND.tries, 2, tries(2)), put(KIND.record, 4, record(4))],
      [remove(KIND.tries, 2), put(KIND.record, 5, record(5))],
    ],
  }),
  delete: () => ({
    prepared: inUse,
    steps: [[remove(KIND.template, 2), remove(KIND.tries, 2), put(KIND.record, 4, record(4))], "scrub"],
  }),
  // The removal is in the other half of its block than what it removes: half an erase must not bring that back.
  "delete, far behind what is deleted": ({ sector }) => ({
    prepared: [
      ...inUse,
      ...Array.from(
        { length: Math.ceil(Math.max(sector, 32_768) / 2 / 9000) },
        (_, i): Step => [put(KIND.authority, 0, content(i > 1 || sector > 4096 ? 9000 : 5000, 300 + i))],
      ),
    ],
    steps: [[remove(KIND.template, 2), put(KIND.record, 4, record(4))], "scrub"],
  }),
  "rotate, one reference after the other": () => ({
    prepared: inUse,
    steps: [
      [put(KIND.epoch, 0, epoch(2))],
      ...[1, 2, 3].map((id): Step => [put(KIND.template, id, template(10 + id))]),
      [put(KIND.epoch, 0, epoch(3)), put(KIND.record, 4, record(4))],
      "scrub",
    ],
  }),
  "rotate, all in one batch": () => ({
    prepared: inUse,
    steps: [
      [
        ...[1, 2, 3].map((id) => put(KIND.template, id, template(10 + id))),
        put(KIND.epoch, 0, epoch(2)),
        put(KIND.record, 4, record(4)),
      ],
      "scrub",
    ],
  }),
  "set a policy": () => ({
    prepared: inUse,
    steps: [[put(KIND.policy, 0, content(1100, 2)), put(KIND.record, 4, record(4))]],
  }),
  "release the log": () => ({
    prepared: inUse,
    steps: [
      [put(KIND.released, 2, content(68, 3))],
      [put(KIND.released, 4, content(36, 4))],
      [put(KIND.record, 4, record(4))],
    ],
  }),
  "compaction under churn": (geometry) => ({
    prepared: churn(geometry),
    steps: [
      ...[1, 2, 3].map((i): Step => [put(KIND.authority, 0, content(9000, 500 + i))]),
      [put(KIND.template, 9, content(16_384, 77)), put(KIND.record, 4, record(4))],
    ],
  }),
  "a batch that outgrows its block": (geometry) => ({
    prepared: churn(geometry).slice(0, -1),
    steps: [
      [1, 2, 3, 4, 5, 6, 7].map((id) =>
        put(KIND.template, id, content(geometry.sector > 4096 ? 16_000 : 4000, 80 + id)),
      ),
      "scrub",
    ],
  }),
};

/** What a model's steps ever wrote under secret kinds. */
function secretsOf(steps: readonly Step[]): [string, Uint8Array][] {
  return steps.flatMap((step) =>
    step === "scrub"
      ? []
      : step
          .filter((c) => c.data && (c.kind === KIND.template || c.kind === KIND.epoch))
          .map((c): [string, Uint8Array] => [`${c.kind}/${c.id}`, c.data as Uint8Array]),
  );
}

/** Fails if a secret that is not in the model can be read anywhere on the flash. */
function expectForgotten(flash: FaultFlash, steps: readonly Step[], model: Model, where: string): void {
  const raw = Buffer.from(flash.bytes.buffer);
  for (const [key, data] of secretsOf(steps)) {
    if (model.get(key) === data) continue;
    for (const at of [0, data.length - 32]) {
      if (raw.includes(Buffer.from(data.subarray(at, at + 32))))
        expect.fail(`${where}: a dead ${key} is still readable`);
    }
  }
}

function expectShows(journal: Journal, model: Model, where: string): void {
  if (!shows(journal, model)) expect.fail(`${where}: ${difference(journal, model)}`);
}

/** A scenario with what it starts from and what each step leads to. */
export function arrange(geometry: FlashGeometry, make: (typeof SCENARIOS)[string]) {
  const { prepared, steps } = make(geometry);
  const base = new FaultFlash(geometry);
  boot(base, prepared);
  const models: Model[] = [prepared.reduce(after, new Map() as Model)];
  for (const step of steps) models.push(after(models.at(-1) as Model, step));
  const whole = base.copy();
  const { journal } = boot(whole, steps);
  expectShows(journal as Journal, models.at(-1) as Model, "uncut");
  return { prepared, steps, base, models, operations: whole.operations };
}

export type Arranged = ReturnType<typeof arrange>;

/** After a cut: mounts, shows a whole state, goes on to the end, and forgets. */
export function recover(
  { prepared, steps, models }: Arranged,
  flash: FaultFlash,
  done: number,
  where: string,
  scrubFirst = false,
): void {
  flash.restore();
  const journal = new Journal(flash);
  expect(journal.status, where).toBe(0);
  const reached = models[done + 1] && shows(journal, models[done + 1] as Model) ? done + 1 : done;
  expectShows(journal, models[reached] as Model, `${where}, after ${done} steps`);
  if (scrubFirst) {
    // What the cut left of a step that does not count must go, even if nothing is put in its place.
    run(journal, "scrub");
    expectForgotten(flash, [...prepared, ...steps], models[reached] as Model, `${where}, scrubbed`);
  }
  for (const step of steps.slice(reached)) run(journal, step);
  const spare: Step = [put(KIND.record, 99, record(99))];
  run(journal, spare);
  run(journal, "scrub");
  const model = after(models.at(-1) as Model, spare);
  expectShows(journal, model, `${where}, at the end`);
  expectForgotten(flash, [...prepared, ...steps], model, where);
  expectShows(new Journal(flash), model, `${where}, mounted again`);
}
