// Seeded randomness for the simulated eyes: the same seed gives the same picture on every machine, so tests can rely on it.
// Generator: sfc32 (Doty-Humphrey, PractRand) seeded through MurmurHash3's finaliser (Appleby).

/** One step of MurmurHash3's 32-bit finaliser: spreads a small seed over all bits. */
export function mix32(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A child seed for a named part, so that adding one part does not change what the others draw. */
export function childSeed(seed: number, part: string): number {
  let h = mix32(seed ^ 0x9e3779b9);
  for (let i = 0; i < part.length; i++) h = mix32(h ^ part.charCodeAt(i));
  return h;
}

/** A stream of random numbers. */
export interface Random {
  /** Uniform in [low, high). */
  uniform(low: number, high: number): number;
  /** Normal, cut at three standard deviations (anatomy has no outliers that would be another species). */
  normal(mean: number, deviation: number): number;
  /** Unsigned 32-bit integer. */
  bits(): number;
}

/** Starts a stream from a 32-bit seed. */
export function makeRandom(seed: number): Random {
  let a = mix32(seed);
  let b = mix32(a ^ 0x243f6a88);
  let c = mix32(b ^ 0x85a308d3);
  let counter = 1;
  const bits = (): number => {
    const t = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) bits();
  const unit = (): number => bits() / 4294967296;
  const normal = (mean: number, deviation: number): number => {
    for (;;) {
      const n = Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit());
      if (Math.abs(n) <= 3) return mean + deviation * n;
    }
  };
  return { bits, normal, uniform: (low, high) => low + (high - low) * unit() };
}
