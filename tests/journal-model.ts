// What a journal ought to hold: a plain map, changed by whole batches, and the power cuts that are tried against it.
import {
  ERASE_TEARS,
  type FaultFlash,
  mulberry32,
  PowerCut,
  type Tear,
  WRITE_TEARS,
} from "../host/simulator/fault-flash.ts";
import { Journal, KIND } from "./journal-harness.ts";

/** One entry put, or (no data) removed. */
export interface Change {
  readonly kind: number;
  readonly id: number;
  readonly data?: Uint8Array;
}
/** What is committed at once, or a scrub. */
export type Step = readonly Change[] | "scrub";
export type Model = ReadonlyMap<string, Uint8Array>;

export const put = (kind: number, id: number, data: Uint8Array): Change => ({ kind, id, data });
export const remove = (kind: number, id: number): Change => ({ kind, id });

/** `length` bytes that occur nowhere else. */
export function content(length: number, seed: number): Uint8Array {
  const random = mulberry32(seed * 0x10001 + length);
  return Uint8Array.from({ length }, () => random() * 256);
}

/** The model after a step. */
export function after(model: Model, step: Step): Model {
  if (step === "scrub") return model;
  const next = new Map(model);
  for (const { kind, id, data } of step) {
    if (kind === KIND.released) {
      for (const key of next.keys()) {
        const [ownKind, ownId] = key.split("/").map(Number) as [number, number];
        if (ownKind === KIND.released || (ownKind === KIND.record && ownId < id)) next.delete(key);
      }
    }
    if (data) next.set(`${kind}/${id}`, data);
    else next.delete(`${kind}/${id}`);
  }
  return next;
}

/** Carries out a step; throws if the journal refuses. */
export function run(journal: Journal, step: Step): void {
  if (step === "scrub") {
    const status = journal.scrub();
    if (status !== 0) throw new Error(`scrub answered ${status}`);
    return;
  }
  step.forEach(({ kind, id, data }, i) => {
    const more = i < step.length - 1;
    const status = data ? journal.put(kind, id, data, more) : journal.remove(kind, id, more);
    if (status !== 0) throw new Error(`${data ? "put" : "remove"} ${kind}/${id} answered ${status}`);
  });
}

/** Whether the journal shows exactly the model. */
export function shows(journal: Journal, model: Model): boolean {
  const found = journal.all();
  if (found.size !== model.size) return false;
  for (const [key, data] of model) {
    const own = found.get(key);
    if (typeof own !== "object" || Buffer.compare(own, data) !== 0) return false;
  }
  return true;
}

/** Keys that differ, for the message of a failure. */
export function difference(journal: Journal, model: Model): string {
  const found = journal.all();
  const keys = [...new Set([...found.keys(), ...model.keys()])];
  const differ = keys.filter((key) => {
    const [a, b] = [found.get(key), model.get(key)];
    return typeof a !== "object" || b === undefined || Buffer.compare(a, b) !== 0;
  });
  return differ.map((key) => `${key}: ${describe(found.get(key))} for ${describe(model.get(key))}`).join(", ");
}

function describe(value: Uint8Array | number | undefined): string {
  return typeof value === "object" ? `${value.length} bytes` : value === undefined ? "nothing" : `reason ${value}`;
}

/** Boots, and goes through steps from number `from` on. Returns how many are done; fewer than all if the power went. */
export function boot(flash: FaultFlash, steps: readonly Step[], from = 0): { done: number; journal?: Journal } {
  let done = from;
  try {
    const journal = new Journal(flash);
    if (journal.status !== 0) throw new Error(`mount answered ${journal.status}`);
    for (; done < steps.length; done++) run(journal, steps[done] as Step);
    return { done, journal };
  } catch (error) {
    if (error instanceof PowerCut) return { done };
    throw error;
  }
}

/** The ways in which an operation can be torn. */
export function tearsOf(kind: "write" | "erase"): readonly Tear[] {
  return kind === "write" ? WRITE_TEARS : ERASE_TEARS;
}
