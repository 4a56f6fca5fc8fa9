// Regions of drawn hands: a palm with fingers, thumb and forearm, turned, moved and scaled by known amounts, must give a region that turns,
// moves and scales with it; and what cannot be used must be refused with the reason that says what to do.
import { locate, locateBytes } from "../palm/locate";
import {
  REASON_FOLDED,
  REASON_LOW_CONTRAST,
  REASON_NO_HAND,
  REASON_NONE,
  REASON_NOT_FOUND,
  REASON_PARTLY_OUTSIDE,
  REASON_TOO_BRIGHT,
  REASON_TOO_FAR,
  REASON_TOO_NEAR,
} from "../pec/words";
import { formOf, REGION_CROPPED, REGION_WHOLE_HAND, REGION_WINDOW } from "../vision/form";

const FRAME = memory.data(640 * 480, 8);
const SCRATCH = memory.data(40000, 8);
const REGION = memory.data(24, 8);
const HAND = formOf(1, REGION_WHOLE_HAND, 0);
const WINDOW = formOf(1, REGION_WINDOW, 1);
const CROPPED = formOf(1, REGION_CROPPED, 0);

let width: i32 = 320;
let height: i32 = 240;
let state: u32 = 1;

function noise(): i32 {
  state = state * 1664525 + 1013904223;
  return (state >>> 29) as i32;
}

function fill(grey: i32): void {
  for (let i = 0; i < width * height; i++) store<u8>(FRAME + i, min(255, grey + noise()) as u8);
}

/** Distance of (x, y) from the stretch (x0, y0) to (x1, y1). */
function off(x: f32, y: f32, x0: f32, y0: f32, x1: f32, y1: f32): f32 {
  const dx = x1 - x0;
  const dy = y1 - y0;
  const t = max<f32>(0, min<f32>(1, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy)));
  const ex = x - x0 - t * dx;
  const ey = y - y0 - t * dy;
  return sqrt<f32>(ex * ex + ey * ey);
}

/** Whether a place is hand; the palm's circle has radius 40 about 0, fingers point to -y, the thumb to +x. `spread`: how far fingers part. */
function isHand(x: f32, y: f32, spread: f32): bool {
  if (x * x + y * y < 1600 || off(x, y, 0, 0, 0, 400) < 26 || off(x, y, -20, -30, 19, -33) < 17) return true;
  if (off(x, y, 20, 12, 66, -30) < 10) return true;
  for (let k: f32 = -1.5; k < 2; k += 1)
    if (off(x, y, 15 * k, -30, (15 + spread) * k, -110 + 4 * k * k) < 9.6) return true;
  return false;
}

/** Draws a hand of `grey` at (cx, cy), `size` pixels a unit, turned by `turn` radians; `mirror` -1: the other hand; `squeeze`: narrower. */
function draw(cx: f32, cy: f32, size: f32, turn: f32, mirror: f32, spread: f32, squeeze: f32, grey: i32): void {
  const c = NativeMathf.cos(turn) / size;
  const s = NativeMathf.sin(turn) / size;
  for (let j = 0; j < height; j++) {
    for (let i = 0; i < width; i++) {
      const dx = (i as f32) - cx;
      const dy = (j as f32) - cy;
      if (isHand((mirror * (dx * c + dy * s)) / squeeze, dy * c - dx * s, spread))
        store<u8>(FRAME + j * width + i, min(255, grey + noise()) as u8);
    }
  }
}

function find(form: i32): i32 {
  memory.fill(REGION, 0, 24);
  return locate(FRAME, width, height, form, SCRATCH, REGION);
}

function hand(cx: f32, cy: f32, size: f32, turn: f32, mirror: f32 = 1, spread: f32 = 19, squeeze: f32 = 1): i32 {
  fill(4);
  draw(cx, cy, size, turn, mirror, spread, squeeze, 130);
  return find(HAND);
}

function at(i: usize): f32 {
  return load<f32>(REGION + 4 * i);
}

/** Checks that the region of a hand lies as the one of an upright hand does, `up` units above its circle's centre and `half` units large. */
function follows(cx: f32, cy: f32, size: f32, turn: f32, mirror: f32): void {
  expect(hand(cx, cy, size, turn, mirror)).toBe(REASON_NONE);
  const c = NativeMathf.cos(turn);
  const s = NativeMathf.sin(turn);
  const x = (at(0) - cx) / size;
  const y = (at(1) - cy) / size;
  const side: f32 = 56;
  expect(abs(x * c + y * s) < 0.04 * side).toBe(true, "across");
  expect(abs(y * c - x * s + 10) < 0.08 * side).toBe(true, "along");
  expect(abs(sqrt<f32>(at(2) * at(2) + at(3) * at(3)) / size - side / 2) < 0.03 * side).toBe(true, "scale");
  // The angle between the region's own right and the hand's: 3 degrees.
  expect(abs(at(3) * c - at(2) * s) < 0.052 * (side / 2) * size).toBe(true, "angle");
  expect(at(4)).toBe(-at(3));
  expect(at(5)).toBe(at(2));
}

describe("whole hand", () => {
  beforeEach(() => {
    width = 320;
    height = 240;
  });
  it("the region turns, moves and scales with the hand, whichever hand it is", () => {
    follows(160, 150, 1.2, 0, 1);
    follows(160, 150, 1.2, 0, -1);
    follows(150, 150, 1.1, 0.35, 1);
    follows(170, 145, 1.1, -0.7, 1);
    follows(165, 145, 1, 0.7, -1);
    follows(172, 140, 1.5, 0.1, -1);
  });
  it("larger frames show the same", () => {
    width = 640;
    height = 480;
    follows(320, 300, 2.4, 0.2, 1);
  });
  it("work space is small, whatever the frame", () => {
    expect(locateBytes(320, 240)).toBe(38400);
    expect(locateBytes(1024, 768)).toBeLessThan(38401);
    expect(locateBytes(64, 64)).toBe(8192);
  });
  it("no hand, too near, too far", () => {
    fill(4);
    expect(find(HAND)).toBe(REASON_NO_HAND);
    expect(hand(160, 150, 2.2, 0)).toBe(REASON_TOO_NEAR);
    expect(hand(160, 150, 0.6, 0)).toBe(REASON_TOO_FAR);
  });
  it("partly outside, to each side and below", () => {
    expect(hand(20, 150, 1.2, 0)).toBe(REASON_PARTLY_OUTSIDE);
    expect(hand(300, 150, 1.2, 0)).toBe(REASON_PARTLY_OUTSIDE);
    expect(hand(160, 230, 1.2, 0)).toBe(REASON_PARTLY_OUTSIDE);
    expect(hand(160, 40, 1.2, 0)).toBe(REASON_PARTLY_OUTSIDE);
  });
  it("fingers held together, and a hand seen at a slant", () => {
    expect(hand(160, 150, 1.2, 0, 1, -1)).toBe(REASON_FOLDED);
    expect(hand(160, 150, 1.2, 0, 1, 19, 0.6) == REASON_NONE).toBe(false);
  });
  it("two hands", () => {
    fill(4);
    draw(90, 150, 1.1, 0, 1, 19, 1, 130);
    draw(220, 150, 1.1, 0, -1, 19, 1, 120);
    expect(find(HAND)).toBe(REASON_NOT_FOUND);
  });
  it("saturated", () => {
    fill(10);
    draw(160, 150, 1.2, 0, 1, 19, 1, 254);
    expect(find(HAND)).toBe(REASON_TOO_BRIGHT);
    fill(255);
    expect(find(HAND)).toBe(REASON_TOO_BRIGHT);
  });
  it("a uniform surface and a printed grid", () => {
    fill(120);
    expect(find(HAND)).toBe(REASON_LOW_CONTRAST);
    for (let j = 0; j < height; j++)
      for (let i = 0; i < width; i++) store<u8>(FRAME + j * width + i, i % 16 < 3 || j % 16 < 3 ? 30 : 190);
    expect(find(HAND)).toBe(REASON_NOT_FOUND);
    expect(find(WINDOW)).toBe(REASON_NOT_FOUND);
    expect(find(CROPPED)).toBe(REASON_NOT_FOUND);
  });
});

/** A palm from column x0 to x1, and one from x2 on. */
function columns(x0: i32, x1: i32, x2: i32): void {
  fill(4);
  for (let j = 12; j < height - 12; j++)
    for (let i = 12; i < width - 12; i++)
      if ((i >= x0 && i < x1) || i >= x2) store<u8>(FRAME + j * width + i, (120 + ((i * 3) >> 4) + noise()) as u8);
}

describe("window", () => {
  beforeEach(() => {
    width = 320;
    height = 240;
  });
  it("the region is the frame's middle, whatever lies a little beside it", () => {
    columns(0, 320, 320);
    expect(find(WINDOW)).toBe(REASON_NONE);
    expect(at(0)).toBe(159.5);
    expect(at(1)).toBe(119.5);
    expect(at(2)).toBe(100);
    expect(at(3)).toBe(0);
    columns(50, 320, 320);
    expect(find(WINDOW)).toBe(REASON_NONE);
    expect(at(0)).toBe(159.5);
  });
  it("palm on one side, a narrow one, two, none", () => {
    columns(0, 200, 320);
    expect(find(WINDOW)).toBe(REASON_PARTLY_OUTSIDE);
    columns(110, 210, 320);
    expect(find(WINDOW)).toBe(REASON_TOO_FAR);
    columns(0, 145, 175);
    expect(find(WINDOW)).toBe(REASON_NOT_FOUND);
    fill(3);
    expect(find(WINDOW)).toBe(REASON_NO_HAND);
  });
});

describe("cropped", () => {
  it("the region is the largest square in the middle", () => {
    width = 200;
    height = 120;
    columns(0, 320, 320);
    expect(find(CROPPED)).toBe(REASON_NONE);
    expect(at(0)).toBe(99.5);
    expect(at(1)).toBe(59.5);
    expect(at(2)).toBe(60);
    expect(at(5)).toBe(60);
  });
});
