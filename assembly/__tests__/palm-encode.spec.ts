// The palm's region and code: a region of any size and turn gives the same 64 x 64 pixels; the code tells a line's direction, and neither
// brightness nor contrast.
import { CODE_BYTES, ENCODE_BYTES, encode, ROW_BYTES } from "../palm/encode";
import { normalize, REGION_BYTES, SIDE } from "../palm/normalize";
import { drawPalm } from "./palm-lines";

const W: i32 = 256;
const FRAME = memory.data(256 * 256, 8);
const REGION = memory.data(REGION_BYTES, 8);
const OUT = memory.data(SIDE * SIDE, 8);
const SCRATCH = memory.data(ENCODE_BYTES, 8);
const A = memory.data(CODE_BYTES + 16, 8);
const B = memory.data(CODE_BYTES + 16, 8);

function region(cx: f32, cy: f32, ux: f32, uy: f32, vx: f32, vy: f32): void {
  store<f32>(REGION, cx);
  store<f32>(REGION, cy, 4);
  store<f32>(REGION, ux, 8);
  store<f32>(REGION, uy, 12);
  store<f32>(REGION, vx, 16);
  store<f32>(REGION, vy, 20);
}

/** Planes 0..2 of the cell (i, j). */
function direction(code: usize, i: i32, j: i32): i32 {
  const block = ((j >> 3) << 2) + (i >> 3);
  const row = (code + ((block << 3) + (j & 7)) * ROW_BYTES) as usize;
  const bit = 7 - (i & 7);
  return (
    ((load<u8>(row) >> (bit as u8)) & 1) |
    (((load<u8>(row, 1) >> (bit as u8)) & 1) << 1) |
    (((load<u8>(row, 2) >> (bit as u8)) & 1) << 2)
  );
}

/** A dark line through the middle whose normal is at `degrees`. */
function line(degrees: f32): void {
  const angle: f32 = (degrees * 3.1415927) / 180;
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const d = ((x as f32) - 31) * Mathf.cos(angle) + ((y as f32) - 31) * Mathf.sin(angle);
      store<u8>(OUT + ((y * SIDE + x) as usize), (150 - 60 * Mathf.exp(-0.125 * d * d)) as u8);
    }
  }
}

describe("the normalised region", () => {
  it("is the mean of its patch, pixel for pixel, upright and turned by a right angle", () => {
    for (let y = 0; y < W; y++)
      for (let x = 0; x < W; x++) store<u8>(FRAME + ((y * W + x) as usize), ((x >> 2) + 2 * (y >> 2)) as u8);
    region(128, 128, 128, 0, 0, 128);
    normalize(FRAME, W, W, REGION, OUT);
    for (let y = 0; y < SIDE; y++)
      for (let x = 0; x < SIDE; x++) expect(load<u8>(OUT + ((y * SIDE + x) as usize)) as i32).toBe(x + 2 * y);
    region(128, 128, 0, 128, -128, 0); // its right is the frame's lower side
    normalize(FRAME, W, W, REGION, OUT);
    for (let y = 0; y < SIDE; y++)
      for (let x = 0; x < SIDE; x++) expect(load<u8>(OUT + ((y * SIDE + x) as usize)) as i32).toBe(63 - y + 2 * x);
  });

  it("goes on with the edge where it leaves the frame", () => {
    memory.fill(FRAME, 77, W * W);
    region(0, 250, 90, 20, -20, 90);
    normalize(FRAME, W, W, REGION, OUT);
    for (let i: usize = 0; i < <usize>(SIDE * SIDE); i++) expect(load<u8>(OUT + i) as i32).toBe(77);
  });
});

describe("the palm code", () => {
  it("names the direction across a dark line, in six steps whose codes differ by one bit", () => {
    const codes: StaticArray<i32> = [0, 1, 3, 7, 6, 4];
    for (let k = 0; k < 6; k++) {
      line(<f32>30 * (k as f32));
      encode(OUT, A, SCRATCH);
      expect(direction(A, 15, 15)).toBe(unchecked(codes[k]));
    }
  });

  it("is the same for a brighter picture, and hardly another for one of half the contrast", () => {
    drawPalm(OUT, 5, 0, 1, 0, 0, 140);
    encode(OUT, A, SCRATCH);
    drawPalm(OUT, 5, 0, 1, 0, 0, 180);
    encode(OUT, B, SCRATCH);
    expect(memory.compare(A, B, CODE_BYTES)).toBe(0);
  });
});
