// The liveness arithmetic on the test vectors of docs/liveness.md, and on histograms whose answer a double gives.

import { entropy, SAMPLES_PER_BIN } from "../liveness/entropy";
import {
  evidenceAdd,
  evidenceAnswer,
  evidenceHas,
  evidenceRight,
  evidenceValue,
  evidenceWrong,
} from "../liveness/evidence";
import { DOWN, log2Fixed, millibits, NEAREST, UP } from "../liveness/log2";
import { bothVerdicts, VERDICT_ACCEPT, VERDICT_CONTINUE, VERDICT_REJECT, verdict } from "../liveness/verdict";
import { LIVENESS_TERMS } from "../pec/words";

const COUNTS = memory.data(256 * 4, 4);
const EVIDENCE = memory.data(40, 8);

function put(i: i32, count: u32): void {
  store<u32>(COUNTS + ((<usize>i) << 2), count);
}
function four(a: u32, b: u32, c: u32, d: u32): i32 {
  put(0, a);
  put(1, b);
  put(2, c);
  put(3, d);
  return entropy(COUNTS, 4, 0);
}

describe("log2 of whole numbers", () => {
  it("is exact for powers of two and agrees with a double's", () => {
    for (let k: u64 = 0; k < 64; k++) expect(log2Fixed((1 as u64) << k)).toBe(k << 44);
    for (let x: u64 = 1; x < 4000; x++) {
      const exact = NativeMath.log2(x as f64) * 17592186044416.0;
      expect(abs((log2Fixed(x) as f64) - exact) < 8).toBe(true);
    }
  });

  it("rounds a ratio down, to the nearest and up", () => {
    expect(millibits(16, 3, DOWN)).toBe(2415);
    expect(millibits(90, 3, DOWN)).toBe(4906);
    expect(millibits(100, 7, UP)).toBe(3837);
    expect(millibits(300, 7, UP)).toBe(5422);
    expect(millibits(1, 4, DOWN)).toBe(-2000);
    expect(millibits(1, 4, UP)).toBe(-2000);
    expect(millibits(1, 3, DOWN)).toBe(-1585);
    expect(millibits(1, 3, UP)).toBe(-1584);
    expect(millibits(63, 8, NEAREST)).toBe(2977);
    expect(millibits(1, 56, NEAREST)).toBe(-5807);
  });
});

describe("entropy", () => {
  it("gives the vectors", () => {
    expect(four(8, 4, 2, 2)).toBe(1885);
    expect(four(128, 64, 32, 32)).toBe(1758);
    expect(four(256, 0, 0, 0)).toBe(0);
    put(0, 1);
    put(1, 3);
    expect(entropy(COUNTS, 2, 0)).toBe(992);
    put(0, 5);
    expect(entropy(COUNTS, 2, 0)).toBe(1000);
    for (let i = 0; i < 16; i++) put(i, 16);
    expect(entropy(COUNTS, 16, SAMPLES_PER_BIN)).toBe(4000);
  });

  it("is not given for nothing, for too little or for too much", () => {
    expect(four(0, 0, 0, 0)).toBe(-1);
    expect(four(4096, 1, 0, 0)).toBe(-1);
    expect(four(u32.MAX_VALUE, u32.MAX_VALUE, 2, 0)).toBe(-1);
    four(16, 16, 16, 15);
    expect(entropy(COUNTS, 4, SAMPLES_PER_BIN)).toBe(-1);
    expect(entropy(COUNTS, 4, 0)).toBe(2000);
  });

  it("is within a millibit of a double's", () => {
    let seed: u32 = 1;
    for (let round = 0; round < 300; round++) {
      const bins = 2 + (round % 63);
      let n: f64 = 0;
      let sum: f64 = 0;
      let occupied: f64 = 0;
      for (let i = 0; i < bins; i++) {
        seed = seed * 1664525 + 1013904223;
        const c = (seed >> 26) * u32(round % 3 > 0 || i % 2 > 0);
        put(i, c);
        if (!c) continue;
        n += c;
        occupied++;
        sum += (c as f64) * NativeMath.log2(c as f64);
      }
      if (n == 0) continue;
      const exact = 1000 * (NativeMath.log2(n) - sum / n) + (1000 * (occupied - 1)) / (2 * n * NativeMath.LN2);
      const capped = min(exact, 1000 * NativeMath.log2(bins as f64));
      expect(abs((entropy(COUNTS, bins, 0) as f64) - capped) <= 1).toBe(true);
    }
  });
});

describe("what was measured", () => {
  it("is kept a term each, the latest value, clipped; unknown terms are not", () => {
    memory.fill(EVIDENCE, 0, 40);
    expect(evidenceHas(EVIDENCE, 1)).toBe(false);
    evidenceAdd(EVIDENCE, 1, -5);
    evidenceAdd(EVIDENCE, 1, 100_000);
    evidenceAdd(EVIDENCE, LIVENESS_TERMS.length, 7);
    evidenceAdd(EVIDENCE, -1, 7);
    expect(evidenceValue(EVIDENCE, 1)).toBe(32_767);
    expect(load<u32>(EVIDENCE)).toBe(2);
    for (let i = 0; i < 300; i++) evidenceAnswer(EVIDENCE, i % 3 > 0);
    expect(evidenceRight(EVIDENCE)).toBe(200);
    expect(evidenceWrong(EVIDENCE)).toBe(100);
  });
});

describe("the sequential rule", () => {
  it("accepts at the floor, gives up at the low mark or the end, and else goes on", () => {
    expect(verdict(3837, 3837, -4000, true)).toBe(VERDICT_ACCEPT);
    expect(verdict(3836, 3837, -4000, true)).toBe(VERDICT_CONTINUE);
    expect(verdict(3836, 3837, -4000, false)).toBe(VERDICT_REJECT);
    expect(verdict(-4000, 3837, -4000, true)).toBe(VERDICT_REJECT);
    expect(bothVerdicts(VERDICT_ACCEPT, VERDICT_ACCEPT)).toBe(VERDICT_ACCEPT);
    expect(bothVerdicts(VERDICT_ACCEPT, VERDICT_CONTINUE)).toBe(VERDICT_CONTINUE);
    expect(bothVerdicts(VERDICT_CONTINUE, VERDICT_REJECT)).toBe(VERDICT_REJECT);
  });
});
