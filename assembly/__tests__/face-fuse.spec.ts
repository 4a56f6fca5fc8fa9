// Frames of one capture: noise falls, holes close, and what is not of the same presentation is not fused.
import { HEAD_BYTES, inField } from "../face/encode";
import { faceCaptureBytes, faceCompare, faceCompareBytes, faceFuse, faceTemplateBytes } from "../face/face";
import { CELLS, xOf, yOf } from "../face/surface";
import { noise } from "./face-heads";

const WORK = memory.data(140000, 8);
const CAPTURE = memory.data(3000, 8);
const BEFORE = memory.data(3000, 8);
const FRAME = memory.data(1500, 8);
const TRUTH = memory.data(1500, 8);

/** Writes the template of head `own` (its bumps are its own), `rough` quarters of a millimetre noisy, without its cells between `from` and `to` (x, mm). */
function makeFrame(template: usize, own: f32, quality: u8, rough: f32, from: f32, to: f32): void {
  memory.fill(template, 0, faceTemplateBytes());
  store<u8>(template, 1);
  store<u8>(template, quality, 1);
  let p = template + (HEAD_BYTES as usize);
  for (let n = 0; n < CELLS; n++) {
    if (!inField(n)) continue;
    const x = xOf(n);
    const shape: f32 = <f32>8 * NativeMathf.sin(own * x * 0.06) + <f32>8 * NativeMathf.cos(own * yOf(n) * 0.07);
    const hidden = x > from && x < to;
    store<i8>(p++, hidden ? -128 : (nearest<f32>(shape + rough * noise()) as i8));
  }
}

function cell(n: i32): i32 {
  return load<i8>(CAPTURE + ((HEAD_BYTES + n) as usize));
}

/** Mean square of what the cells of a template are off, quarters of a millimetre; those that are not known are left out. */
function error(template: usize): f32 {
  let sum: f32 = 0;
  let known: f32 = 0;
  for (let n = HEAD_BYTES; n < HEAD_BYTES + 1398; n++) {
    const is = load<i8>(template + (n as usize)) as i32;
    if (is == -128) continue;
    const off = (is - (load<i8>(TRUTH + (n as usize)) as i32)) as f32;
    sum += off * off;
    known++;
  }
  return sum / known;
}

function holes(template: usize): i32 {
  let many = 0;
  for (let n = HEAD_BYTES; n < HEAD_BYTES + 1398; n++) if (load<i8>(template + (n as usize)) == -128) many++;
  return many;
}

function fuse(): bool {
  return faceFuse(CAPTURE, FRAME, WORK);
}

describe("frames of one capture", () => {
  beforeEach(() => {
    expect(faceCompareBytes() <= 140000).toBe(true);
    memory.fill(CAPTURE, 0, faceCaptureBytes());
    makeFrame(TRUTH, 1, 60, 0, 100, 100);
  });

  test("the first is taken as it is", () => {
    makeFrame(FRAME, 1, 60, 2, -30, -20);
    expect(fuse()).toBe(true);
    expect(memory.compare(CAPTURE, FRAME, faceTemplateBytes())).toBe(0);
  });

  test("are averaged: the noise of three is a third in squares, or less", () => {
    makeFrame(FRAME, 1, 60, 3, 100, 100);
    const one = error(FRAME);
    for (let n = 0; n < 3; n++) {
      makeFrame(FRAME, 1, 60, 3, 100, 100);
      expect(fuse()).toBe(true);
    }
    expect(one).toBeGreaterThan(2.5);
    expect(error(CAPTURE)).toBeLessThan(0.45 * one);
  });

  test("of which one alone knows a cell: it is known, and as it was there", () => {
    makeFrame(FRAME, 1, 60, 0, -32, -18);
    const hidden = holes(FRAME);
    expect(fuse()).toBe(true);
    makeFrame(FRAME, 1, 60, 0, 10, 22);
    expect(fuse()).toBe(true);
    expect(hidden).toBeGreaterThan(100);
    expect(holes(CAPTURE)).toBe(0);
    expect(error(CAPTURE)).toBeLessThan(0.3);
  });

  test("weigh by how often a cell was known: a cell of two frames moves a third for a third frame, one of one a half", () => {
    makeFrame(FRAME, 1, 60, 0, -32, -18);
    fuse();
    makeFrame(FRAME, 1, 60, 0, 100, 100);
    fuse();
    // The same two cells, one known once and one known twice, in a frame in which they stand out.
    let once = -1;
    let twice = -1;
    let n = 0;
    for (let k = 0; k < CELLS; k++) {
      if (!inField(k)) continue;
      if (once < 0 && xOf(k) > -27 && xOf(k) < -26 && yOf(k) > 20) once = n;
      if (twice < 0 && xOf(k) > 26 && xOf(k) < 27 && yOf(k) > 20) twice = n;
      n++;
    }
    const before = cell(once);
    const beside = cell(twice);
    for (let k: usize = 0; k < 2; k++) {
      const p = FRAME + ((HEAD_BYTES + (k ? once : twice)) as usize);
      store<i8>(p, (load<i8>(p) + 60) as i8);
    }
    expect(fuse()).toBe(true);
    const half = cell(once) - before;
    const third = cell(twice) - beside;
    expect(half).toBeGreaterThan(24);
    expect(half).toBeLessThan(33);
    expect(third).toBeGreaterThan(15);
    expect(third).toBeLessThan(22);
  });

  test("have the best's quality", () => {
    makeFrame(FRAME, 1, 60, 1, 100, 100);
    fuse();
    makeFrame(FRAME, 1, 80, 1, 100, 100);
    fuse();
    makeFrame(FRAME, 1, 70, 1, 100, 100);
    fuse();
    expect(load<u8>(CAPTURE, 1)).toBe(80);
  });

  test("are more like the head than one of them", () => {
    makeFrame(FRAME, 1, 60, 4, 100, 100);
    const one = faceCompare(TRUTH, FRAME, WORK);
    for (let n = 0; n < 3; n++) {
      makeFrame(FRAME, 1, 60, 4, 100, 100);
      fuse();
    }
    expect(faceCompare(TRUTH, CAPTURE, WORK)).toBeGreaterThan(one);
  });

  test("one that is another's is not fused, and changes nothing", () => {
    makeFrame(FRAME, 1, 60, 1, 100, 100);
    fuse();
    memory.copy(BEFORE, CAPTURE, faceCaptureBytes());
    makeFrame(FRAME, 1.7, 90, 1, 100, 100);
    expect(fuse()).toBe(false);
    expect(memory.compare(CAPTURE, BEFORE, faceCaptureBytes())).toBe(0);
  });
});
