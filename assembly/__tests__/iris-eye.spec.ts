// Recognition from end to end on drawn eyes: a textured iris between two circles that are not concentric, lids, a glint, noise. The
// contours are known, so the segmentation is measured against them; then the same iris, dilated, turned and moved, must match itself
// and no other, and what is no eye must be refused with a reason.
import { IRIS_TEMPLATE_BYTES, irisChosen, irisCompare, irisExtract, irisLiveness, irisWorkspace } from "../iris/iris";
import { IR, IX, IY, PR, PX, PY } from "../iris/layout";
import { EVIDENCE_BYTES, evidenceHas, evidenceValue } from "../liveness/evidence";
import {
  LIVENESS_GRADIENT,
  REASON_LOW_CONTRAST,
  REASON_NONE,
  REASON_NOT_FOUND,
  REASON_UNSUPPORTED,
} from "../pec/words";

const W: i32 = 320;
const H: i32 = 240;
const FRAME = memory.data(640 * 480, 8);
const WORK = memory.data(600000, 8);
const QUALITY = memory.data(16, 8);
const FIRST = memory.data(4096, 8);
const SECOND = memory.data(4096, 8);
const TEXTURE = memory.data(256 * 32, 8);
let state: u32 = 1;

function random(): u32 {
  state = state * 1664525 + 1013904223;
  return state >>> 16;
}

/** A person's iris: coarse random texture over angle and radius. */
function drawTexture(seed: u32): void {
  state = seed;
  for (let i = 0; i < 256 * 32; i++) store<u8>(TEXTURE + i, random() as u8);
}

function texel(angle: f32, radius: f32): f32 {
  const a = (angle * 64) as i32;
  const r = min(15, (radius * 16) as i32);
  const fa = angle * 64 - (a as f32);
  const v = load<u8>(TEXTURE + r * 256 + (a & 63)) as f32;
  const u = load<u8>(TEXTURE + r * 256 + ((a + 1) & 63)) as f32;
  return v + fa * (u - v);
}

/** Draws an eye on w x h: pupil about (x, y), iris 2 px to its right, turned by `turn` (in turns), upper lid at `lid`. */
function drawEye(w: i32, h: i32, x: f32, y: f32, pupil: f32, iris: f32, turn: f32, lid: f32): void {
  for (let j = 0; j < h; j++) {
    for (let i = 0; i < w; i++) {
      const dx = (i as f32) - x;
      const dy = (j as f32) - y;
      const d = sqrt<f32>(dx * dx + dy * dy);
      const e = sqrt<f32>((dx - 2) * (dx - 2) + dy * dy);
      let v: f32 = 190;
      const curve: f32 = ((i as f32) - x) * ((i as f32) - x) * 0.004;
      if ((j as f32) < lid + curve || (j as f32) > y + 0.95 * iris - curve) v = 210;
      else if (d < pupil) v = 30;
      else if (e < iris) {
        const t = NativeMathf.atan2(dy, dx) / 6.2831855 + turn + 2;
        v = 85 + 0.22 * texel(t - NativeMathf.floor(t), (d - pupil) / (iris - pupil));
      }
      const gx = dx - 0.4 * pupil;
      const gy = dy + 0.3 * pupil;
      if (gx * gx + gy * gy < 9) v = 255;
      store<u8>(FRAME + j * w + i, (v + ((random() & 7) as f32)) as u8);
    }
  }
}

function extract(w: i32, h: i32, template: usize): i32 {
  return irisExtract(FRAME, w, h, WORK, template, QUALITY);
}

function near(field: usize, value: f32, tolerance: f32): bool {
  return abs(load<f32>(irisChosen() + field) - value) <= tolerance;
}

const EVIDENCE = memory.data(EVIDENCE_BYTES, 8);

/** The raw term of the last extraction, millibits; -1: not measured. */
function gradient(): i32 {
  memory.fill(EVIDENCE, 0, EVIDENCE_BYTES);
  irisLiveness(EVIDENCE);
  return evidenceHas(EVIDENCE, LIVENESS_GRADIENT) ? evidenceValue(EVIDENCE, LIVENESS_GRADIENT) : -1;
}

describe("iris", () => {
  it("finds pupil and iris within two pixels, and a good quality", () => {
    drawTexture(1);
    drawEye(W, H, 150, 125, 22, 60, 0, 75);
    expect(extract(W, H, FIRST)).toBe(REASON_NONE);
    expect(near(PX, 150, 1.5)).toBe(true);
    expect(near(PY, 125, 1.5)).toBe(true);
    expect(near(PR, 22, 1.5)).toBe(true);
    expect(near(IX, 152, 2)).toBe(true);
    expect(near(IY, 125, 2.5)).toBe(true);
    expect(near(IR, 60, 2)).toBe(true);
    expect(load<u8>(QUALITY) > 50).toBe(true);
  });

  it("measures the entropy of gradient directions, lower where rows of a screen line them up", () => {
    drawTexture(1);
    drawEye(W, H, 150, 125, 22, 60, 0, 75);
    extract(W, H, SECOND);
    const plain = gradient();
    for (let y = 0; y < H; y++) {
      for (let x = 0; x < W; x++) {
        const v = load<u8>(FRAME + y * W + x) as i32;
        store<u8>(FRAME + y * W + x, ((y & 3) < 2 ? v : (v * 3) / 4) as u8);
      }
    }
    extract(W, H, SECOND);
    const rows = gradient();
    expect(plain > 2500 && plain <= 4000).toBe(true);
    expect(rows > 0 && rows < plain - 300).toBe(true);
  });

  it("accepts the same iris dilated, turned and moved, and refuses another", () => {
    drawEye(W, H, 170, 118, 27, 61, 0.04, 72);
    expect(extract(W, H, SECOND)).toBe(REASON_NONE);
    const same = irisCompare(SECOND, FIRST);
    drawTexture(99);
    drawEye(W, H, 150, 125, 22, 60, 0, 75);
    expect(extract(W, H, SECOND)).toBe(REASON_NONE);
    const other = irisCompare(SECOND, FIRST);
    expect(same > 650000).toBe(true);
    expect(other < 600000).toBe(true);
    expect(irisCompare(FIRST, FIRST) >= 990000).toBe(true);
  });

  it("works at 160x120 and at 640x480", () => {
    drawTexture(1);
    drawEye(160, 120, 80, 62, 11, 30, 0, 38);
    expect(extract(160, 120, SECOND)).toBe(REASON_NONE);
    expect(irisCompare(SECOND, FIRST) > 600000).toBe(true);
    drawEye(640, 480, 310, 240, 44, 120, 0, 140);
    expect(extract(640, 480, SECOND)).toBe(REASON_NONE);
    expect(irisCompare(SECOND, FIRST) > 650000).toBe(true);
  });

  it("gives a reason and an empty template for what is no eye", () => {
    for (let kind = 0; kind < 4; kind++) {
      for (let i = 0; i < W * H; i++) {
        const v: u32 = kind == 0 ? 0 : kind == 1 ? 255 : kind == 2 ? random() : (i % W) & 127;
        store<u8>(FRAME + i, v as u8);
      }
      const reason = extract(W, H, SECOND);
      expect(reason).toBe(kind < 2 ? REASON_LOW_CONTRAST : REASON_NOT_FOUND);
      for (let o = 0; o < IRIS_TEMPLATE_BYTES; o++) if (load<u8>(SECOND + o)) expect(o).toBe(-1);
    }
  });

  it("names sizes it does not support, and needs less than 1 MiB for those it does", () => {
    expect(extract(159, 120, SECOND)).toBe(REASON_UNSUPPORTED);
    expect(irisWorkspace(641, 480)).toBe(0);
    for (let w = 160; w <= 640; w += 32) {
      for (let h = 120; h <= 480; h += 24)
        expect(irisWorkspace(w, h) > 0 && irisWorkspace(w, h) + w * h < 640 * 1024).toBe(true);
    }
  });
});
