// The comparison of palm codes on made-up palms: equal, moved, turned, scaled, different, without a line; what it leaves behind.
import { CODE_BYTES, ENCODE_BYTES, encode } from "../palm/encode";
import { likeness, wipeMatch } from "../palm/match";
import { SIDE } from "../palm/normalize";
import { drawPalm } from "./palm-lines";

const PICTURE = memory.data(SIDE * SIDE, 8);
const SCRATCH = memory.data(ENCODE_BYTES, 8);
/** Two bytes precede each code. */
const A = memory.data(8 + CODE_BYTES, 8) + 8;
const B = memory.data(8 + CODE_BYTES, 8) + 8;

function code(out: usize, seed: u32, degrees: f32, scale: f32, dx: f32, dy: f32): void {
  drawPalm(PICTURE, seed, degrees, scale, dx, dy);
  encode(PICTURE, out, SCRATCH);
}

describe("the comparison of palms", () => {
  it("finds a palm equal to itself, whatever stands before its code", () => {
    code(A, 7, 0, 1, 0, 0);
    const alike = likeness(A, A, false);
    expect(alike > 2.5).toBe(true);
    store<u64>(A - 8, u64.MAX_VALUE);
    expect(likeness(A, A, false)).toBe(alike);
  });

  it("tells different palms apart", () => {
    code(A, 7, 0, 1, 0, 0);
    for (let seed: u32 = 20; seed < 40; seed++) {
      code(B, seed, 0, 1, 0, 0);
      expect(likeness(A, B, false) < 1.5).toBe(true);
      expect(likeness(A, B, true) < 1.5).toBe(true);
    }
  });

  it("follows a palm that is moved, turned and scaled, from either side", () => {
    code(A, 7, 0, 1, 0, 0);
    const cases: StaticArray<f32> = [
      0, 1, 6, -5, 12, 1, 0, 0, -15, 1, 2, 2, 0, 1.15, 0, 3, 6, 0.88, -3, 0, -10, 1.1, 4, -4,
    ];
    for (let i = 0; i < cases.length; i += 4) {
      code(B, 7, unchecked(cases[i]), unchecked(cases[i + 1]), unchecked(cases[i + 2]), unchecked(cases[i + 3]));
      expect(likeness(A, B, false) > 1.9).toBe(true);
      expect(likeness(B, A, false) > 1.9).toBe(true);
    }
  });

  it("searches no turn where a guide holds the hand", () => {
    code(A, 7, 0, 1, 0, 0);
    code(B, 7, 2, 1, 3, -2);
    expect(likeness(A, B, true) > 1.9).toBe(true);
    code(B, 7, 18, 1, 0, 0);
    expect(likeness(A, B, true) < likeness(A, B, false)).toBe(true);
  });

  it("gives a finite answer for codes without a line, and for codes of nothing but ones", () => {
    memory.fill(A, 0, CODE_BYTES);
    memory.fill(B, 255, CODE_BYTES);
    expect(abs(likeness(A, A, false)) < 100).toBe(true);
    expect(abs(likeness(A, B, false)) < 100).toBe(true);
    expect(abs(likeness(B, A, false)) < 100).toBe(true);
  });

  it("does not depend on what was compared before", () => {
    code(A, 7, 0, 1, 0, 0);
    for (let seed: u32 = 20; seed < 60; seed++) {
      code(B, seed, 15, 1.1, 6, -6);
      wipeMatch();
      const alone = likeness(A, B, false);
      // Refined to the end, so that the second stage has been everywhere.
      likeness(A, A, false);
      expect(likeness(A, B, false)).toBe(alone);
    }
  });

  it("says how much it wiped", () => {
    expect(wipeMatch() > 20000).toBe(true);
  });
});
