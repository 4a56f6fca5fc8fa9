// A second face beside the first one is told; what else may be there is not taken for one.
import { FARTHEST, NEAREST } from "../face/calibration";
import { faceExtract, faceTemplateBytes } from "../face/face";
import { REASON_NONE, REASON_TWO_FACES } from "../pec/words";
import { formOf, KIND_DEPTH } from "../vision/form";
import { CALIBRATION, DEPTH, drawBall, drawHead, drawPlane, HEIGHT, makeHead, WIDTH } from "./face-heads";

const WORK = memory.data(700000, 8);
const QUALITY = memory.data(16, 8);
const TEMPLATE = memory.data(2400, 8);
const FIRST = memory.data(2 * 320 * 240, 8);
const PIXELS: i32 = WIDTH * HEIGHT;

/** Draws person `seed` with the nose's tip at (x, 0, -z) mm. */
function head(seed: i32, x: f32, z: f32): void {
  makeHead(seed);
  drawHead(x, 0, z, 0, 0, 0.2, false);
}

/** Keeps what is drawn. */
function keep(): void {
  memory.copy(FIRST, DEPTH, 2 * PIXELS);
}

/** Puts what was kept before, or beside, what is drawn; of that, only what is right of column `from` stays. */
function join(from: i32): void {
  for (let i = 0; i < PIXELS; i++) {
    const p = DEPTH + ((2 * i) as usize);
    const before = load<u16>(FIRST + ((2 * i) as usize));
    const after: u16 = i % WIDTH < from ? 0 : load<u16>(p);
    store<u16>(p, before && (!after || before < after) ? before : after);
  }
}

/** Moves what is drawn by `columns` to the right. */
function shift(columns: i32): void {
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = WIDTH - 1; x >= 0; x--) {
      const p = DEPTH + ((2 * (y * WIDTH + x)) as usize);
      store<u16>(p, x < columns ? 0 : load<u16>(p - ((2 * columns) as usize)));
    }
  }
}

function extract(): i32 {
  store<f32>(CALIBRATION, 250, NEAREST);
  store<f32>(CALIBRATION, 900, FARTHEST);
  memory.fill(TEMPLATE, 255, faceTemplateBytes());
  return faceExtract(DEPTH, WIDTH, HEIGHT, formOf(0, 0, 0, KIND_DEPTH), WORK, TEMPLATE, QUALITY);
}

describe("beside a face", () => {
  test("another one: they are two, whichever is larger, and there is no template", () => {
    for (let turn = 0; turn < 2; turn++) {
      head(1, -85, turn ? 520 : 490);
      keep();
      head(2, 85, turn ? 490 : 520);
      join(0);
      expect(extract()).toBe(REASON_TWO_FACES);
      for (let i = 0; i < faceTemplateBytes(); i++) expect(load<u8>(TEMPLATE + (i as usize))).toBe(0);
    }
  });

  test("another one that touches it: they are two", () => {
    head(1, -70, 480);
    keep();
    head(2, 70, 480);
    join(0);
    expect(extract()).toBe(REASON_TWO_FACES);
  });

  test("somebody far behind: the one in front is meant", () => {
    head(1, -60, 420);
    keep();
    head(2, 150, 750);
    join(0);
    expect(extract()).toBe(REASON_NONE);
  });

  test("a ball as large as a head", () => {
    head(1, -80, 480);
    keep();
    drawBall(470, 75);
    shift(72);
    join(200);
    expect(extract()).toBe(REASON_NONE);
  });

  test("a board, upright and slanting", () => {
    for (let slope = 0; slope < 2; slope++) {
      head(1, -70, 480);
      keep();
      drawPlane(slope ? 450 : 500, slope ? 0.3 : 0);
      for (let i = 0; i < PIXELS; i++)
        if (i % WIDTH > 265 || i < 50 * WIDTH || i > 210 * WIDTH) store<u16>(DEPTH + ((2 * i) as usize), 0);
      join(200);
      expect(extract()).toBe(REASON_NONE);
    }
  });

  test("a hand, held up with its fingers spread", () => {
    head(1, -80, 480);
    keep();
    drawPlane(0, 0);
    for (let y = 60; y < 190; y++) {
      for (let x = 205; x < 290; x++) {
        const finger = y > 120 ? 40 : ((x - 205) % 21) - 8;
        const round = y > 120 ? (x - 247) / 4 : 3 * finger;
        if (y > 120 || abs(finger) < 7)
          store<u16>(DEPTH + ((2 * (y * WIDTH + x)) as usize), (4700 + round * round) as u16);
      }
    }
    join(0);
    expect(extract()).toBe(REASON_NONE);
  });
});
