// Whatever the size and the kind of a frame, odd and most oblong ones too: an extraction writes its work space, template and quality and
// nothing beside them, and the same frame gives the same answer whatever lies around. A comparison keeps to its work space too.
import {
  FACE_CALIBRATION,
  faceBegin,
  faceCompare,
  faceCompareBytes,
  faceExtract,
  faceFeed,
  faceFrameBytes,
  faceStreams,
  faceTemplateBytes,
  faceWipe,
  faceWorkspace,
} from "../face/face";
import { formOf, KIND_DEPTH, KIND_PHASE_GRAY, KIND_PHASE_SHIFT } from "../vision/form";
import { QUALITY_BYTES } from "../vision/quality";

const SIZES: StaticArray<i32> = [64, 64, 65, 64, 64, 65, 640, 64, 64, 480, 67, 479, 639, 67, 161, 121, 97, 353];
const GUARD: i32 = 4096;
const PAGES: i32 = 120;
const ROW_KIND_RAW: u8 = 0;
let base: usize = 0;
let state: u32 = 1;
let fromMaps: i32 = 0;
let fromStacks: i32 = 0;
const CODED = memory.data(643, 8);

/** A unit whose camera looks along the middle, its projector 100 mm beside it: 64 fringes over what is seen at half a metre. */
function calibrate(width: i32, height: i32): void {
  const f = (max(width, height) as f32) * 1.25;
  memory.fill(FACE_CALIBRATION, 0, 64);
  store<f32>(FACE_CALIBRATION, f);
  store<f32>(FACE_CALIBRATION, f, 4);
  store<f32>(FACE_CALIBRATION, 0.5 * (width as f32), 8);
  store<f32>(FACE_CALIBRATION, 0.5 * (height as f32), 12);
  store<f32>(FACE_CALIBRATION, 400, 24);
  store<f32>(FACE_CALIBRATION, 200, 32);
  store<f32>(FACE_CALIBRATION, -40000, 36);
  store<f32>(FACE_CALIBRATION, 1, 48);
  store<f32>(FACE_CALIBRATION, 150, 56);
  store<f32>(FACE_CALIBRATION, 2000, 60);
}

/** Tenths of a millimetre of something like a head before the camera: an ellipsoid with a nose, with some noise. */
function headAt(x: i32, y: i32, width: i32, height: i32): i32 {
  const f = (max(width, height) as f32) * 1.25;
  const u = (((x as f32) - 0.5 * (width as f32)) / f) * 400;
  const v = (((y as f32) - 0.5 * (height as f32)) / f) * 400;
  const square = (u * u) / 5600 + (v * v) / 12000;
  if (square >= 1) return 0;
  const nose: f32 = max<f32>(0, 22 - 1.2 * abs(u) - (v > 0 ? 2 : 0.5) * abs(v));
  const front: f32 = 900 * sqrt<f32>(1 - square) + 10 * nose;
  return 4900 - (front as i32);
}

/** A pixel of a depth map: 0 noise, 1 nothing, 2 a wall, 3 a head, 4 the longest distances. */
function depthOf(kind: i32, x: i32, y: i32, width: i32, height: i32): i32 {
  state = state * 1664525 + 1013904223;
  if (kind == 1) return 0;
  if (kind == 2) return 5000 + x;
  if (kind == 3) return headAt(x, y, width, height);
  return kind == 4 ? 65535 : ((state >>> 16) as i32);
}

/** Where on the projector's width (0 to 1) the light on a pixel of the head comes from, -1: beside the head. */
function projected(x: i32, y: i32, width: i32, height: i32): f64 {
  const z = headAt(x, y, width, height);
  if (!z) return -1;
  const side = ((x as f64) - 0.5 * (width as f64)) / (1.25 * (max(width, height) as f64));
  return (400 * side + 200 - 400000 / (z as f64)) / 402.1238596594935;
}

/** A pixel of a picture: 0 noise, 1 dark, 2 white, 3 a head under fringes, 4 a wall under fringes. */
function pictureOf(kind: i32, picture: i32, gray: bool, x: i32, y: i32, width: i32, height: i32): i32 {
  state = state * 1664525 + 1013904223;
  if (kind == 0) return state >>> 24;
  if (kind < 3) return kind == 1 ? 0 : 255;
  const u = kind == 3 ? projected(x, y, width, height) : (x as f64) / (width as f64);
  if (u < 0) return 6;
  if (gray && picture >= 4) return ((u * 64) as i32) & (1 << (9 - picture)) ? 220 : 20;
  const fringes = gray ? 32 : 1 << (2 * (picture >> 2));
  return (120 - 100 * Math.cos(6.283185307179586 * (u * (fringes as f64) + 0.25 * ((picture & 3) as f64)))) as i32;
}

/** Feeds a stack of raw rows in parts of changing length; whether it was whole at its end and not before. */
function feed(width: i32, height: i32, kind: i32, gray: bool): bool {
  const pictures = gray ? 10 : 16;
  let left = 1;
  for (let picture = 0; picture < pictures; picture++) {
    for (let y = 0; y < height; y++) {
      if (left != 1) return false;
      store<u16>(CODED, (width + 1) as u16);
      store<u8>(CODED, ROW_KIND_RAW, 2);
      for (let x = 0; x < width; x++)
        store<u8>(CODED + (x as usize), pictureOf(kind, picture, gray, x, y, width, height) as u8, 3);
      const cut = 1 + ((state >>> 8) % ((width + 2) as u32));
      left = faceFeed(CODED, cut);
      if (left != 1) return false;
      left = faceFeed(CODED + (cut as usize), width + 3 - (cut as i32));
    }
  }
  return left == 0;
}

function filled(from: usize, bytes: i32, value: u8): bool {
  for (let i = 0; i < bytes; i++) if (load<u8>(from + (i as usize)) != value) return false;
  return true;
}

/** FNV-1a of bytes. */
function digest(from: usize, bytes: i32, seed: u32): u32 {
  for (let i = 0; i < bytes; i++) seed = (seed ^ (load<u8>(from + (i as usize)) as u32)) * 16777619;
  return seed;
}

/** Extracts with `value` everywhere around and in the work space; a digest of what came of it, 0 where something beside it was written. */
function extract(width: i32, height: i32, form: i32, kind: i32, value: u8): u32 {
  const streams = faceStreams(form);
  const frame = base + (GUARD as usize);
  const frameBytes = streams ? 0 : faceFrameBytes(width, height, form);
  const work = (frame + (frameBytes as usize) + (GUARD as usize) + 15) & ~15;
  const workBytes = faceWorkspace(width, height, form);
  const template = (work + ((workBytes + GUARD) as usize) + 7) & ~7;
  const templateBytes = faceTemplateBytes();
  const quality = template + ((templateBytes + GUARD) as usize);
  const end = quality + ((QUALITY_BYTES + GUARD) as usize);
  if (end > (memory.size() as usize) << 16) return 0;
  memory.fill(base, value, end - base);
  state = 7;
  if (streams) {
    faceBegin(width, height, form, work);
    if (!feed(width, height, kind, form == formOf(0, 0, 0, KIND_PHASE_GRAY))) return 0;
  } else {
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        store<u16>(frame + ((y * width + x) << 1), depthOf(kind, x, y, width, height) as u16);
  }
  const before = digest(frame, frameBytes, 1);
  const reason = faceExtract(frame, width, height, form, work, template, quality);
  const last = template + (templateBytes as usize);
  const whole =
    filled(base, GUARD, value) &&
    digest(frame, frameBytes, 1) == before &&
    filled(frame + (frameBytes as usize), ((work - frame) as i32) - frameBytes, value) &&
    filled(work + (workBytes as usize), ((template - work) as i32) - workBytes, value) &&
    filled(last, GUARD, value) &&
    filled(quality + QUALITY_BYTES, GUARD, value);
  if (!reason && streams) fromStacks++;
  if (!reason && !streams) fromMaps++;
  faceWipe();
  return whole ? digest(quality, QUALITY_BYTES, digest(template, templateBytes, reason)) | 1 : 0;
}

describe("a face keeps to its own memory", () => {
  beforeAll(() => {
    base = (memory.size() as usize) << 16;
    memory.grow(PAGES);
  });

  it("in every kind of frame, at every size", () => {
    for (let s = 0; s < SIZES.length; s += 2) {
      const width = unchecked(SIZES[s]);
      const height = unchecked(SIZES[s + 1]);
      calibrate(width, height);
      for (let kind = KIND_DEPTH; kind <= KIND_PHASE_GRAY; kind++) {
        const form = formOf(0, 0, 0, kind);
        for (let drawn = 0; drawn < 5; drawn++) {
          const one = extract(width, height, form, drawn, 0xa5);
          expect(one).not.toBe(0);
          expect(extract(width, height, form, drawn, 0x5a)).toBe(one);
        }
      }
    }
    expect(fromMaps).toBeGreaterThan(4);
    expect(fromStacks).toBeGreaterThan(4);
  });

  it("at the largest size, 640x480", () => {
    calibrate(640, 480);
    for (let kind = KIND_DEPTH; kind <= KIND_PHASE_SHIFT; kind++)
      expect(extract(640, 480, formOf(0, 0, 0, kind), 3, 0xa5)).not.toBe(0);
  });

  it("in a comparison of any two templates", () => {
    const bytes = faceTemplateBytes();
    for (let run = 0; run < 8; run++) {
      const other = base + ((bytes + GUARD) as usize);
      const work = (other + ((bytes + GUARD) as usize) + 15) & ~15;
      const end = work + ((faceCompareBytes() + GUARD) as usize);
      memory.fill(base, 0x5a, end - base);
      for (let i = 0; i < 2 * bytes; i++) {
        state = state * 1664525 + 1013904223;
        const to = i < bytes ? base + (i as usize) : other + ((i - bytes) as usize);
        store<u8>(to, run == 0 ? 0 : run == 1 ? 255 : ((state >>> 24) as u8));
      }
      const before = digest(base, bytes, digest(other, bytes, 1));
      const score = faceCompare(base, other, work);
      expect(score >= 0 && score <= 1_000_000).toBe(true);
      expect(digest(base, bytes, digest(other, bytes, 1))).toBe(before);
      expect(filled(base + (bytes as usize), GUARD, 0x5a)).toBe(true);
      expect(filled(other + (bytes as usize), GUARD, 0x5a)).toBe(true);
      expect(filled(work + (faceCompareBytes() as usize), GUARD, 0x5a)).toBe(true);
    }
  });
});
