// The comparison of iris codes on made-up codes whose distance is known: equal, turned, warped, unrelated, partly and wholly masked.
import { CODE_PLANES, PLANE_BYTES, TEMPLATE_BYTES } from "../iris/encode";
import { distance, wipeMatch } from "../iris/match";
import { coarseAgreement, coarseRotation } from "../iris/match-coarse";

const A = memory.data(4096);
const B = memory.data(4096);
let state: u32 = 1;

/** Fills a code with pseudo-random bits that resemble a code's (runs of four columns), all of them valid. */
function fill(template: usize, seed: u32): void {
  state = seed;
  for (let o: usize = 0; o < <usize>TEMPLATE_BYTES; o += 2) {
    if ((o & 7) == 0) state = state * 1664525 + 1013904223;
    store<u16>(template + o, (state >>> 16) as u16);
  }
  memory.fill(template + CODE_PLANES * PLANE_BYTES, 255, PLANE_BYTES);
}

/** Copies A to B with column j of B taken from column j + turn + warp(j) of A. */
function turned(turn: i32, warp: i32): void {
  for (let plane = 0; plane <= CODE_PLANES; plane++) {
    for (let j = 0; j < 256; j++) {
      const bend = j < 128 ? (j * warp) / 127 : ((255 - j) * warp) / 127;
      store<u16>(B + plane * PLANE_BYTES + 2 * j, load<u16>(A + plane * PLANE_BYTES + 2 * ((j + turn + bend) & 255)));
    }
  }
}

/** Changes about `share` of 256 of B's bits at random, and masks a stretch of `masked` columns from `from` on. */
function spoil(share: u32, from: i32, masked: i32): void {
  for (let o: usize = 0; o < <usize>(CODE_PLANES * PLANE_BYTES); o++) {
    for (let bit = 0; bit < 8; bit++) {
      state = state * 1664525 + 1013904223;
      if (state >>> 24 < share) store<u8>(B + o, load<u8>(B + o) ^ ((<u8>1) << (<u8>bit)));
    }
  }
  for (let j = from; j < from + masked; j++) store<u16>(B + CODE_PLANES * PLANE_BYTES + 2 * (j & 255), 0x0ff0);
}

const ALL = 65;
const AGREEMENT = memory.data(32 * 65 * 4);
const COMMON = memory.data(32 * 65 * 4);
const SUM = memory.data(65 * 65 * 4);
const STEP = memory.data(65 * 65 * 4);

/** The distance by its definition, column by column, over all 65 rotations: no coarse look, no window, no carries. */
function exhaustive(probe: usize, reference: usize): f32 {
  for (let s = 0; s < 32; s++) {
    for (let r = 0; r < ALL; r++) {
      let common = 0;
      let differing = 0;
      for (let j = 8 * s; j < 8 * s + 8; j++) {
        const q = reference + 2 * j;
        const p = probe + 2 * ((j + r - 32) & 255);
        const mask = load<u16>(q, CODE_PLANES * PLANE_BYTES) & load<u16>(p, CODE_PLANES * PLANE_BYTES);
        common += popcnt<u32>(mask);
        for (let plane = 0; plane < CODE_PLANES; plane++)
          differing += popcnt<u32>(mask & (load<u16>(q + plane * PLANE_BYTES) ^ load<u16>(p + plane * PLANE_BYTES)));
      }
      store<i32>(AGREEMENT + 4 * (s * ALL + r), CODE_PLANES * common - 2 * differing);
      store<i32>(COMMON + 4 * (s * ALL + r), common);
    }
  }
  memory.fill(SUM, 0, ALL * 4);
  for (let k = 0; k < 64; k++) {
    for (let r = 0; r < ALL; r++) {
      let best = load<i32>(SUM + 4 * (k * ALL + r));
      let step = 0;
      for (let d = -1; d <= 1; d += 2) {
        if (r + d < 0 || r + d >= ALL) continue;
        const other = load<i32>(SUM + 4 * (k * ALL + r + d)) - 64;
        if (other > best) {
          best = other;
          step = d;
        }
      }
      store<i32>(SUM + 4 * ((k + 1) * ALL + r), best + load<i32>(AGREEMENT + 4 * ((k & 31) * ALL + r)));
      store<i32>(STEP + 4 * (k * ALL + r), step);
    }
  }
  let at = 0;
  for (let r = 1; r < ALL; r++) if (load<i32>(SUM + 4 * (64 * ALL + r)) > load<i32>(SUM + 4 * (64 * ALL + at))) at = r;
  let agreed = 0;
  let common = 0;
  for (let k = 63; k >= 16; k--) {
    if (k < 48) {
      agreed += load<i32>(AGREEMENT + 4 * ((k & 31) * ALL + at));
      common += load<i32>(COMMON + 4 * ((k & 31) * ALL + at));
    }
    at += load<i32>(STEP + 4 * (k * ALL + at));
  }
  const share = (common as f32) / 4096;
  return 0.5 - 0.5 * ((agreed as f32) / ((CODE_PLANES * common) as f32)) * sqrt<f32>(sqrt<f32>(share));
}

describe("distance of iris codes", () => {
  it("is what a search over all rotations finds, of eyes turned, warped, blurred and covered", () => {
    for (let i = 0; i < 60; i++) {
      fill(A, 100 + i);
      turned(((i * 17) % 61) - 30, (i % 5) * 4 - 8);
      spoil(((i * 7) % 8) * 10, i * 4, (i % 4) * 30);
      expect(distance(A, B)).toBe(exhaustive(A, B));
      expect(distance(B, A)).toBe(exhaustive(B, A));
    }
  });

  it("finds the rotation at the first look, and is the coarse distance where that rules out one eye", () => {
    fill(A, 9);
    for (let turn = -30; turn <= 30; turn += 6) {
      turned(turn, 0);
      expect(coarseAgreement(A, B)).toBeGreaterThan(<f32>0.7);
      expect(abs(coarseRotation - turn)).toBeLessThan(4); // the codes are runs of four columns
    }
    fill(B, 10);
    const coarse = coarseAgreement(A, B);
    expect(coarse).toBeLessThan(<f32>0.14);
    expect(distance(A, B)).toBe(0.5 - 0.5 * coarse);
    memory.fill(B + CODE_PLANES * PLANE_BYTES, 0, PLANE_BYTES);
    expect(coarseAgreement(A, B)).toBe(-1);
  });

  it("is 0 between a code and itself, at any rotation up to 32 columns, whichever is the probe", () => {
    fill(A, 1);
    expect(distance(A, A)).toBe(0);
    turned(32, 0);
    expect(distance(B, A)).toBe(0);
    expect(distance(A, B)).toBe(0);
    turned(-32, 0);
    expect(distance(B, A)).toBe(0);
    turned(40, 0);
    expect(distance(B, A)).toBeGreaterThan(<f32>0.3);
  });

  it("stays small when the iris is warped, where one rotation for all would not do", () => {
    fill(A, 2);
    turned(-5, 12);
    expect(distance(A, B)).toBeLessThan(<f32>0.1);
    turned(0, 60);
    expect(distance(A, B)).toBeGreaterThan(<f32>0.25);
  });

  it("keeps unrelated codes apart, and tells codes from their opposites", () => {
    fill(A, 3);
    fill(B, 4);
    const d = distance(A, B);
    expect(d).toBeGreaterThan(<f32>0.38);
    expect(d).toBeLessThan(<f32>0.5);
    for (let o: usize = 0; o < <usize>(CODE_PLANES * PLANE_BYTES); o++) store<u8>(B + o, ~load<u8>(A + o));
    expect(distance(A, B)).toBeGreaterThan(<f32>0.38);
  });

  it("trusts agreement less, the fewer bits were compared: 0.5 - 0.5 * share^(1/4)", () => {
    fill(A, 5);
    memory.copy(B, A, TEMPLATE_BYTES);
    for (let o: usize = 0; o < <usize>PLANE_BYTES; o++) store<u8>(A + CODE_PLANES * PLANE_BYTES + o, 0x11);
    const d = distance(A, B);
    expect(d).toBeGreaterThan(<f32>0.1464);
    expect(d).toBeLessThan(<f32>0.1465);
  });

  it("does not look at masked bits, and is 1 when nothing could be compared", () => {
    fill(A, 6);
    memory.copy(B, A, TEMPLATE_BYTES);
    for (let plane: usize = 0; plane < <usize>CODE_PLANES; plane++)
      memory.fill(B + plane * PLANE_BYTES + 100, 0x5a, 40);
    memory.fill(A + CODE_PLANES * PLANE_BYTES + 100, 0, 40);
    const d = distance(A, B);
    memory.copy(B, A, TEMPLATE_BYTES);
    expect(distance(A, B)).toBe(d);
    memory.fill(A + CODE_PLANES * PLANE_BYTES, 0, PLANE_BYTES);
    expect(distance(A, B)).toBe(1);
    expect(distance(B, A)).toBe(1);
  });

  it("gives the same answer after its work space was wiped", () => {
    fill(A, 7);
    fill(B, 8);
    const before = distance(A, B);
    expect(wipeMatch()).toBeGreaterThan(PLANE_BYTES * CODE_PLANES);
    expect(distance(A, B)).toBe(before);
  });
});
