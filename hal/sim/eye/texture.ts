// The iris as a sheet: reflectance over angle and over the way from pupil to limbus, different for every eye. The parts are those
// an anatomist names (Daugman 1993, section II): radial fibres, the collarette's zigzag, crypts, contraction furrows, freckles.
// The sheet is drawn once per eye; a presentation stretches it between its pupil and its limbus (rubber-sheet model).
import { latticeRow, makeLattice, type NoiseRow, readRow } from "./noise.ts";
import { childSeed, makeRandom, type Random } from "./random.ts";

/** Columns go around the eye (0 = image right, growing clockwise as y points down), rows from pupil to limbus. */
export interface IrisSheet {
  readonly columns: number;
  readonly rows: number;
  /** Reflectance relative to the iris's own mean: 0 is the mean, about +-0.3 at the extremes. */
  readonly values: Float32Array;
}

const COLUMNS = 768;
const ROWS = 80;

const smooth = (low: number, high: number, x: number): number => {
  const t = Math.min(Math.max((x - low) / (high - low), 0), 1);
  return t * t * (3 - 2 * t);
};

/** Soft spots (crypts, freckles): each adds `depth` at its middle, is `across` wide along the angle and `along` long on the radius. */
interface Spot {
  angle: number;
  rho: number;
  across: number;
  along: number;
  depth: number;
  rim: number;
}

function drawSpots(values: Float32Array, spots: readonly Spot[]): void {
  for (const s of spots) {
    const reach = 2.2;
    const x0 = Math.floor((s.angle - reach * s.across) * COLUMNS);
    const x1 = Math.ceil((s.angle + reach * s.across) * COLUMNS);
    const y0 = Math.max(0, Math.floor((s.rho - reach * s.along) * ROWS));
    const y1 = Math.min(ROWS - 1, Math.ceil((s.rho + reach * s.along) * ROWS));
    for (let y = y0; y <= y1; y++) {
      const dy = (y / ROWS - s.rho) / s.along;
      for (let x = x0; x <= x1; x++) {
        const dx = (x / COLUMNS - s.angle) / s.across;
        // Lozenge rather than ellipse: crypts lie between fibres that part and meet again.
        const d = Math.sqrt(dx * dx + dy * dy + 0.8 * Math.abs(dx * dy));
        const body = s.depth * (1 - smooth(0.55, 1.05, d));
        const rim = s.rim * Math.exp(-((d - 1.15) ** 2) / 0.03);
        values[y * COLUMNS + (((x % COLUMNS) + COLUMNS) % COLUMNS)]! += body + rim;
      }
    }
  }
}

function drawCrypts(random: Random, collarette: number): Spot[] {
  const spots: Spot[] = [];
  const large = Math.round(random.uniform(8, 26));
  for (let i = 0; i < large; i++) {
    const depth = -random.uniform(0.08, 0.26);
    spots.push({
      angle: random.uniform(0, 1),
      rho: collarette + random.normal(0.1, 0.12),
      across: random.uniform(0.008, 0.022),
      along: random.uniform(0.05, 0.16),
      depth,
      rim: -0.45 * depth,
    });
  }
  const small = Math.round(random.uniform(20, 60));
  for (let i = 0; i < small; i++) {
    const depth = -random.uniform(0.06, 0.16);
    spots.push({
      angle: random.uniform(0, 1),
      rho: random.uniform(0.05, 0.92),
      across: random.uniform(0.003, 0.008),
      along: random.uniform(0.02, 0.06),
      depth,
      rim: -0.25 * depth,
    });
  }
  const freckles = Math.round(random.uniform(0, 5));
  for (let i = 0; i < freckles; i++) {
    const size = random.uniform(0.006, 0.02);
    spots.push({
      angle: random.uniform(0, 1),
      rho: random.uniform(0.3, 0.9),
      across: size,
      along: size * 5,
      depth: -random.uniform(0.05, 0.14),
      rim: 0,
    });
  }
  return spots;
}

type Rows = [NoiseRow, NoiseRow, NoiseRow, NoiseRow, NoiseRow, NoiseRow, NoiseRow];

/** Draws the sheet of one eye. Deterministic in `seed`; about 40 ms. */
export function makeIrisSheet(seed: number): IrisSheet {
  const random = makeRandom(childSeed(seed, "iris sheet"));
  const values = new Float32Array(COLUMNS * ROWS);
  const collarette = random.uniform(0.2, 0.34);
  // Each lattice is one octave or one kind of structure: columns around the eye, rows along the radius.
  const zigzag = latticeRow(makeLattice(random, Math.round(random.uniform(14, 30)), 4), 0.5);
  const drift = makeLattice(random, 9, 4);
  const wander = latticeRow(drift, 0.2);
  const sway = latticeRow(drift, 0.8);
  const wave = makeLattice(random, 22, 7);
  const broad = makeLattice(random, 11, 4);
  const middle = makeLattice(random, 26, 6);
  const fine = makeLattice(random, 54, 10);
  const grain = makeLattice(random, 130, 20);
  const fibre = makeLattice(random, Math.round(random.uniform(70, 105)), 5);
  const thin = makeLattice(random, Math.round(random.uniform(140, 190)), 6);
  const fibreGain = random.uniform(0.055, 0.1);
  const furrows = random.uniform(4, 8);
  const furrowGain = random.uniform(0.01, 0.035);

  for (let y = 0; y < ROWS; y++) {
    const rho = (y + 0.5) / ROWS;
    const [w, b, m, f, g, s, t] = [wave, broad, middle, fine, grain, fibre, thin].map((l) =>
      latticeRow(l, rho),
    ) as Rows;
    for (let x = 0; x < COLUMNS; x++) {
      const turn = x / COLUMNS;
      // Fibres wander: the angle they are read at bends with the radius.
      const bent = turn + 0.006 * readRow(w, turn);
      const edge = collarette + 0.035 * readRow(zigzag, turn) + 0.02 * readRow(wander, turn);
      const outside = smooth(edge - 0.03, edge + 0.03, rho);
      const strands = 0.6 - Math.abs(readRow(s, bent));
      let v = fibreGain * strands * (0.65 + 0.35 * outside) + 0.045 * readRow(t, bent);
      v += 0.055 * readRow(b, turn) + 0.06 * readRow(m, bent) + 0.05 * readRow(f, bent) + 0.03 * readRow(g, turn);
      // The collarette is a raised, brighter seam; the zone inside it lies deeper.
      v += 0.11 * Math.exp(-(((rho - edge) / 0.035) ** 2)) - 0.05 * (1 - outside);
      const furrow = Math.sin(2 * Math.PI * furrows * (rho + 0.02 * readRow(sway, turn)));
      values[y * COLUMNS + x] = v + furrowGain * furrow * smooth(0.45, 0.7, rho);
    }
  }
  drawSpots(values, drawCrypts(random, collarette));
  for (let y = 0; y < ROWS; y++) {
    const rho = (y + 0.5) / ROWS;
    // Towards the limbus the stroma thins out and the root lies in shadow; at the pupil the dark pigment ruff shows.
    const contrast = 1 - 0.55 * smooth(0.72, 1, rho);
    const shade = -0.12 * smooth(0.82, 1, rho) - 0.16 * (1 - smooth(0, 0.05, rho));
    for (let x = 0; x < COLUMNS; x++) values[y * COLUMNS + x] = contrast * values[y * COLUMNS + x]! + shade;
  }
  return { columns: COLUMNS, rows: ROWS, values };
}

/** Reflectance at `turn` (0..1 around) and `rho` (0 pupil .. 1 limbus): linear interpolation. */
export function readSheet(sheet: IrisSheet, turn: number, rho: number): number {
  const { columns, rows, values } = sheet;
  const x = (turn - Math.floor(turn)) * columns;
  const y = Math.min(Math.max(rho * rows - 0.5, 0), rows - 1.001);
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const fx = x - x0;
  const fy = y - y0;
  const a = y0 * columns + (x0 === columns ? 0 : x0);
  const b = y0 * columns + (x0 + 1 >= columns ? 0 : x0 + 1);
  const top = values[a]! + fx * (values[b]! - values[a]!);
  const bottom = values[a + columns]! + fx * (values[b + columns]! - values[a + columns]!);
  return top + fy * (bottom - top);
}
