// The comparison of iris codes on made-up codes whose distance is known: equal, turned, warped, unrelated, partly and wholly masked.
import { CODE_PLANES, PLANE_BYTES, TEMPLATE_BYTES } from "../iris/encode";
import { distance, wipeMatch } from "../iris/match";

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

describe("distance of iris codes", () => {
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
