// Fitting a liveness calibration: step tables by PAV over counts with a half added, weights by logistic regression on evidence that was not
// fitted on the presentation itself, offsets, guards (docs/liveness.md, section 6). Pure: presentations in, tables out.
import { LIVENESS_TERMS } from "../vocabulary.ts";
import { type Pool, poolAdjacent } from "./isotonic.ts";
import {
  checkTables,
  invalid,
  LAMBDA_MAX,
  OFFSET_MAX,
  STEPS_MAX,
  type Tables,
  type Term,
  type TermName,
  WEIGHT_ONE,
} from "./tables.ts";
import { fitWeights } from "./weights.ts";

/** One presentation to a sensor: its raw terms, millibits, and whose it was (of an attack: whose likeness). */
export interface Presentation {
  readonly subject: string;
  readonly terms: { readonly [term in TermName]?: number };
}

export interface Trials {
  readonly modality: Tables["modality"];
  readonly staged: boolean;
  /** Captured as the attacks were: same camera, same processing; else the tables tell one camera from another. */
  readonly bonaFide: readonly Presentation[];
  /** By class; for each, attacks as good as they are to be withstood. */
  readonly attacks: { readonly [name: string]: readonly Presentation[] };
  /** Classes against which the challenge counts, its states a slot, and how often bona fide answers are wrong, in n/65,536. */
  readonly challenge?: { readonly classes: readonly string[]; readonly states: number; readonly error: number };
}

const FOLDS = 4;
/** Share of bona fide presentations beyond each end of the guard. */
const GUARD = 0.005;

/** The most that a class may claim, millibits (rule of 3). */
export const capOf = (attacks: number): number => Math.floor(1000 * Math.log2(attacks / 3));

/** Fits tables of at most `steps` steps (2 to 16). Throws KAN-LIVENESS-INVALID where presentations are missing. */
export function fitTables(trials: Trials, steps = 12): Tables {
  const { modality, staged, bonaFide, attacks, challenge } = trials;
  const everyone = Object.values(attacks).flat();
  const names = LIVENESS_TERMS.filter((term) => bonaFide.some(({ terms }) => terms[term] !== undefined));
  if (names.length === 0 || everyone.length === 0) throw invalid("no presentations to fit it on");
  const terms = Object.fromEntries(
    names.map((term) => [term, fitTerm(term, bonaFide, everyone, steps)]),
  ) as Tables["terms"];
  const classes = Object.entries(attacks).map(([name, own]) => {
    const count = challenge?.classes.includes(name) ?? false;
    return [name, { ...fitClass(names, terms, bonaFide, own), challenge: count }];
  });
  const { states = 0, error = 0 } = challenge ?? {};
  return checkTables({ modality, staged, states, error, terms, classes: Object.fromEntries(classes) });
}

function valuesOf(term: TermName, presentations: readonly Presentation[]): number[] {
  return presentations.flatMap(({ terms }) => terms[term] ?? []).sort((a, b) => a - b);
}

/** The value below which a share of sorted values lies. */
function quantile(values: readonly number[], share: number): number {
  return values[Math.min(values.length - 1, Math.floor(share * values.length))] as number;
}

/** Edges at quantiles of bona fide and of attacks in turn, so that steps are narrow where either is. */
function fitTerm(
  term: TermName,
  bonaFide: readonly Presentation[],
  attacks: readonly Presentation[],
  steps: number,
): Term {
  const [own, others] = [valuesOf(term, bonaFide), valuesOf(term, attacks)];
  const wanted = Math.min(Math.max(steps, 2), STEPS_MAX) - 1;
  const edges = new Set<number>();
  for (let i = 1; i <= wanted; i++) {
    const values = others.length === 0 || i % 2 === 1 ? own : others;
    edges.add(quantile(values, i / (wanted + 1)));
  }
  return {
    low: quantile(own, GUARD),
    high: quantile(own, 1 - GUARD),
    edges: [...edges].sort((a, b) => a - b),
  };
}

function stepOf({ edges }: Term, value: number): number {
  return edges.filter((edge) => edge <= value).length;
}

function countSteps(name: TermName, term: Term, presentations: readonly Presentation[]): number[] {
  const counts = Array<number>(term.edges.length + 1).fill(0);
  for (const value of valuesOf(name, presentations)) counts[stepOf(term, value)]! += 1;
  return counts;
}

/**
 * Evidence of each step, millibits: log2 of the shares of bona fide and of attacks in it, a half added to each count, pooled until it is
 * monotone in whichever direction explains the counts better; clipped, and capped by the rule of 3.
 */
export function evidenceOfSteps(bonaFide: readonly number[], attacks: readonly number[]): number[] {
  const halves = bonaFide.length / 2;
  const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, halves);
  const [all, others] = [total(bonaFide), total(attacks)];
  const pools: Pool[] = bonaFide.map((count, i) => ({
    positive: (count + 0.5) / all,
    negative: ((attacks[i] as number) + 0.5) / others,
  }));
  const rising = poolAdjacent(pools);
  const falling = poolAdjacent(pools.toReversed()).toReversed();
  const best = likelihood(pools, rising) >= likelihood(pools, falling) ? rising : falling;
  const most = Math.min(LAMBDA_MAX, capOf(Math.max(3, others - halves)));
  return best.map(({ positive, negative }) =>
    Math.min(Math.max(Math.round(1000 * Math.log2(positive / negative)), -LAMBDA_MAX), most),
  );
}

function likelihood(pools: readonly Pool[], fitted: readonly Pool[]): number {
  return pools.reduce((sum, { positive, negative }, i) => {
    const { positive: p, negative: n } = fitted[i] as Pool;
    return sum + positive * Math.log(p / (p + n)) + negative * Math.log(n / (p + n));
  }, 0);
}

function fitClass(
  names: readonly TermName[],
  terms: Tables["terms"],
  bonaFide: readonly Presentation[],
  attacks: readonly Presentation[],
) {
  const table = (name: TermName, own: readonly Presentation[], others: readonly Presentation[]) => {
    const term = terms[name] as Term;
    return evidenceOfSteps(countSteps(name, term, own), countSteps(name, term, others));
  };
  // What a presentation says of weights is its evidence under tables that it had no part in: else tables that fit by chance weigh most.
  const held = (rows: readonly Presentation[]): number[][] => rows.map(() => names.map(() => 0));
  const [own, others] = [held(bonaFide), held(attacks)];
  for (let fold = 0; fold < FOLDS; fold++) {
    const outside = (rows: readonly Presentation[]) => rows.filter(({ subject }) => foldOf(subject) !== fold);
    for (const [t, name] of names.entries()) {
      const term = terms[name] as Term;
      const values = table(name, outside(bonaFide), outside(attacks));
      const fill = (rows: readonly Presentation[], into: number[][]) => {
        for (const [i, { subject, terms: measured }] of rows.entries()) {
          const x = measured[name];
          if (x === undefined || foldOf(subject) !== fold) continue;
          const lambda = values[stepOf(term, x)] as number;
          (into[i] as number[])[t] = (x < term.low || x > term.high ? Math.min(lambda, 0) : lambda) / 1000;
        }
      };
      fill(bonaFide, own);
      fill(attacks, others);
    }
  }
  const { offset, weights } = fitWeights(own, others);
  return {
    attacks: attacks.length,
    offset: Math.min(Math.max(Math.round(1000 * offset), -OFFSET_MAX), OFFSET_MAX),
    tables: Object.fromEntries(
      names.map((name, t) => [
        name,
        { weight: Math.round(WEIGHT_ONE * (weights[t] as number)), evidence: table(name, bonaFide, attacks) },
      ]),
    ),
  };
}

/** Subjects are spread over the folds by a hash of their name (FNV-1a), all presentations of one in the same. */
function foldOf(subject: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(subject)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return (hash >>> 8) % FOLDS;
}
