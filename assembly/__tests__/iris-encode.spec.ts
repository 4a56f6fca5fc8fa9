// The iris code of made-up unwrapped irises: phases of a known wave, independence of brightness and contrast, rotation, mask.
import { CODE_PLANES, encode, PLANE_BYTES, TEMPLATE_BYTES } from "../iris/encode";
import { layOut, layoutBytes, unwrapped, usable } from "../iris/layout";

const W: i32 = 160;
const H: i32 = 120;
const SAMPLES: i32 = 256 * 32;
const FRAME = memory.data(160 * 120, 8);
const WORK = memory.data(600000, 8);
const A = memory.data(4096, 8);
const B = memory.data(4096, 8);

/** Everything usable, all of one grey value. */
function blank(): void {
  assert(layoutBytes(W, H) <= 600000);
  layOut(FRAME, W, H, WORK);
  memory.fill(unwrapped(), 100, SAMPLES);
  memory.fill(usable(), 1, SAMPLES);
}

/** Random texture, turned by `turn` columns: value = base + 0..span. */
function texture(base: i32, span: i32, turn: i32): void {
  blank();
  let state: u32 = 9;
  for (let k = 0; k < 32; k++) {
    for (let j = 0; j < 256; j++) {
      state = state * 1664525 + 1013904223;
      store<u8>(unwrapped() + k * 256 + ((j + turn) & 255), (base + (((state >>> 24) * span) >>> 8)) as u8);
    }
  }
}

function bit(template: usize, plane: i32, column: i32, band: i32): i32 {
  return (load<u16>(template + plane * PLANE_BYTES + 2 * (column & 255)) >>> band) & 1;
}

describe("iris code", () => {
  it("has the phase of a wave: even part on its crests, odd part a quarter before them", () => {
    blank();
    for (let k = 0; k < 32; k++) {
      for (let j = 20; j < 236; j++) {
        const phase: f32 = (6.2831855 * ((j - 64) as f32)) / 14;
        store<u8>(unwrapped() + k * 256 + j, (100 + 50 * NativeMathf.cos(phase)) as u8);
      }
    }
    encode(A);
    for (let crest = 64; crest <= 176; crest += 14) {
      for (let band = 0; band < 16; band++) {
        expect(bit(A, 2, crest, band)).toBe(1);
        expect(bit(A, 2, crest + 7, band)).toBe(0);
        expect(bit(A, 3, crest - 3, band)).toBe(1);
        expect(bit(A, 3, crest + 3, band)).toBe(0);
      }
    }
  });

  it("does not change with brightness, and hardly with contrast", () => {
    texture(10, 64, 0);
    encode(A);
    texture(150, 64, 0);
    encode(B);
    let differing = 0;
    for (let o = 0; o < TEMPLATE_BYTES; o++) differing += popcnt(load<u8>(A + o) ^ load<u8>(B + o));
    expect(differing).toBeLessThan(8);
    texture(10, 128, 0);
    encode(B);
    differing = 0;
    for (let o = 0; o < TEMPLATE_BYTES; o++) differing += popcnt(load<u8>(A + o) ^ load<u8>(B + o));
    expect(differing).toBeLessThan(300);
  });

  it("turns with the eye, column by column, over the seam too", () => {
    texture(60, 100, 0);
    encode(A);
    texture(60, 100, 37);
    encode(B);
    for (let plane = 0; plane <= CODE_PLANES; plane++) {
      for (let j = 0; j < 256; j++) {
        const p = plane * PLANE_BYTES;
        expect(load<u16>(B + p + 2 * ((j + 37) & 255))).toBe(load<u16>(A + p + 2 * j));
      }
    }
  });

  it("masks what is not usable and its surroundings, in its own band only", () => {
    texture(60, 100, 0);
    for (let k = 8; k < 10; k++) memory.fill(usable() + k * 256 + 100, 0, 20);
    encode(A);
    for (let j = 0; j < 256; j++) {
      expect(bit(A, CODE_PLANES, j, 3)).toBe(1);
      expect(bit(A, CODE_PLANES, j, 5)).toBe(1);
      if (j >= 99 && j < 121) expect(bit(A, CODE_PLANES, j, 4)).toBe(0);
      if (j < 98 || j > 122) expect(bit(A, CODE_PLANES, j, 4)).toBe(1);
    }
  });

  it("bridges what is not usable, so that it leaves no mark beside it", () => {
    blank();
    for (let k = 0; k < 32; k++) {
      memory.fill(unwrapped() + k * 256 + 250, 255, 6);
      memory.fill(unwrapped() + k * 256, 255, 6);
      memory.fill(usable() + k * 256 + 250, 0, 6);
      memory.fill(usable() + k * 256, 0, 6);
    }
    encode(A);
    blank();
    encode(B);
    expect(memory.compare(A, B, CODE_PLANES * PLANE_BYTES)).toBe(0);
  });

  it("has an empty mask when nothing is usable", () => {
    texture(60, 100, 0);
    memory.fill(usable(), 0, SAMPLES);
    encode(A);
    for (let j = 0; j < 256; j++) expect(load<u16>(A + CODE_PLANES * PLANE_BYTES + 2 * j)).toBe(0);
  });
});
