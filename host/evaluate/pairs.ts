// Which comparisons an evaluation makes (ISO/IEC 19795-1 section 7: genuine and impostor attempts). Identity = subject + position.
// Where sessions are named only pairs across sessions are compared, genuine and impostor alike; else all pairs, each once.
import { EXIT, KanmonError } from "../errors.ts";
import type { Sample } from "./manifest.ts";

/** Comparisons to make: pair i is probe[i] (a sample) against reference[i]. The first `genuine` pairs are genuine, the rest impostor. */
export interface Pairs {
  readonly probe: Uint32Array;
  readonly reference: Uint32Array;
  readonly genuine: number;
  readonly impostor: number;
  /** The samples that each reference joins. */
  readonly members: readonly (readonly number[])[];
  /** Impostor pairs there were before sampling. */
  readonly impostorAll: number;
  /** Identities without a reference, because they have too few samples (with `enroll`). */
  readonly unenrolled: number;
}

export interface PairOptions {
  /** Samples joined into one reference: the first of an identity (of its first session); the others probe it. Not given: all against all. */
  readonly enroll?: number;
  /** Most impostor pairs; a uniform sample without replacement where there are more. */
  readonly maxImpostors?: number;
  /** Seed of the sampling. */
  readonly seed?: number;
}

/** Most pairs in one evaluation: 12 bytes each are held. */
export const MAX_PAIRS = 32_000_000;

/** Plans the comparisons of `samples`; the same samples and options always give the same pairs in the same order. */
export function planPairs(samples: readonly Sample[], options: PairOptions = {}): Pairs {
  const { enroll, maxImpostors = Number.POSITIVE_INFINITY, seed = 1 } = options;
  const identities = number(samples.map(({ subject, position }) => JSON.stringify([subject, position])));
  const sessions = samples.map(({ session }) => session);
  const references = enroll === undefined ? samples.map((_, i) => [i]) : enrolled(identities, sessions, enroll);
  const taken = new Uint8Array(samples.length);
  if (enroll !== undefined) for (const i of references.flat()) taken[i] = 1;
  const identityOf = Uint32Array.from(identities);
  // Unnamed sessions are all different, so that every pair is across sessions.
  const sessionOf = Uint32Array.from(number(sessions.map((session, i) => session || `\0${i}`)));

  const same = new Uint32Array(samples.length);
  const other = new Uint32Array(samples.length);
  /** Writes the genuine probes of a reference to `same` and the impostor probes to `other`; returns how many they are. */
  function probesOf(r: number): [genuine: number, impostor: number] {
    const first = references[r]![0]!;
    const identity = identityOf[first];
    const session = sessionOf[first];
    let g = 0;
    let i = 0;
    // All against all: each pair once, the earlier sample as the reference.
    for (let p = enroll === undefined ? r + 1 : 0; p < samples.length; p++) {
      if (taken[p] === 1 || sessionOf[p] === session) continue;
      if (identityOf[p] === identity) same[g++] = p;
      else other[i++] = p;
    }
    return [g, i];
  }

  let genuine = 0;
  let impostorAll = 0;
  for (let r = 0; r < references.length; r++) {
    const [g, i] = probesOf(r);
    genuine += g;
    impostorAll += i;
  }
  const impostor = Math.min(impostorAll, maxImpostors);
  if (genuine === 0 || impostor === 0) throw noPairs(genuine === 0 ? "genuine" : "impostor");
  if (genuine + impostor > MAX_PAIRS) throw tooMany(genuine + impostor);

  const probe = new Uint32Array(new SharedArrayBuffer((genuine + impostor) * 4));
  const reference = new Uint32Array(new SharedArrayBuffer((genuine + impostor) * 4));
  const random = uniform(seed);
  let atGenuine = 0;
  let atImpostor = genuine;
  let left = impostorAll;
  for (let r = 0; r < references.length; r++) {
    const [g, i] = probesOf(r);
    probe.set(same.subarray(0, g), atGenuine);
    reference.fill(r, atGenuine, atGenuine + g);
    atGenuine += g;
    for (let k = 0; k < i; k++, left--) {
      // Selection sampling (Knuth, TAOCP volume 2, 3.4.2, algorithm S).
      if (random() * left >= probe.length - atImpostor) continue;
      probe[atImpostor] = other[k]!;
      reference[atImpostor++] = r;
    }
  }
  const unenrolled = enroll === undefined ? 0 : new Set(identities).size - references.length;
  return { probe, reference, genuine, impostor, members: references, impostorAll, unenrolled };
}

/** The references of `--enroll count`, in the order of the identities. */
function enrolled(identities: readonly number[], sessions: readonly string[], count: number): number[][] {
  const groups = new Map<number, number[]>();
  for (const [i, identity] of identities.entries()) {
    const group = groups.get(identity);
    if (group === undefined) groups.set(identity, [i]);
    else if (sessions[i] === sessions[group[0]!] && group.length < count) group.push(i);
  }
  return [...groups.values()].filter((group) => group.length === count);
}

/** Numbers for names, from 0 in the order of appearance. */
function number(names: readonly string[]): number[] {
  const numbers = new Map<string, number>();
  return names.map((name) => {
    const known = numbers.get(name) ?? numbers.size;
    numbers.set(name, known);
    return known;
  });
}

/** Uniform numbers in [0, 1) with 32 bits: the generator mulberry32. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function noPairs(kind: string): KanmonError {
  return new KanmonError(
    "KAN-EVALUATE-PAIRS",
    `the data set has no ${kind} pairs to compare`,
    "Needed: two samples of one identity (subject and position) and two identities; where sessions are named, in different sessions; with --enroll N, more than N samples of an identity.",
    EXIT.input,
  );
}

function tooMany(pairs: number): KanmonError {
  return new KanmonError(
    "KAN-EVALUATE-PAIRS",
    `the data set has ${pairs} pairs, more than the ${MAX_PAIRS} that are compared at once`,
    "Compare a reproducible sample of the impostor pairs: --max-impostors N --seed S.",
    EXIT.input,
  );
}
