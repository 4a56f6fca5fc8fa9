// Faces from depth maps of invented heads: the pose is found, the same head is alike however it is turned, another is not, and what is no
// face, or not enough of one, is refused with the reason that says what to do.
import {
  ALIGN_BYTES,
  align,
  alignTo,
  movedX,
  movedY,
  movedZ,
  moveTo,
  POINT_BYTES,
  POSE_BYTES,
  setNormal,
} from "../face/align";
import { FARTHEST, NEAREST } from "../face/calibration";
import { FIELD, inField, TEMPLATE_BYTES } from "../face/encode";
import { faceCompare, faceCompareBytes, faceExtract, faceView, faceWorkspace } from "../face/face";
import { makeMean, makeWeights } from "../face/mean";
import { NONE, splat } from "../face/normalize";
import { CELLS, COLUMNS, MAP_BYTES, PITCH, ROWS, xOf, yOf } from "../face/surface";
import {
  REASON_COVERED,
  REASON_NO_FACE,
  REASON_NONE,
  REASON_TOO_FAR,
  REASON_TOO_NEAR,
  REASON_TURNED_AWAY,
  REASON_UNSUPPORTED,
} from "../pec/words";
import { formOf, KIND_DEPTH } from "../vision/form";
import { CALIBRATION, DEPTH, drawBall, drawHead, drawPlane, HEIGHT, makeHead, WIDTH } from "./face-heads";

const FORM = formOf(0, 0, 0, KIND_DEPTH);
const WORK = memory.data(700000, 8);
const QUALITY = memory.data(16, 8);
const FIRST = memory.data(2400, 8);
const SECOND = memory.data(2400, 8);

function extract(template: usize): i32 {
  return faceExtract(DEPTH, WIDTH, HEIGHT, FORM, WORK, template, QUALITY);
}

function overall(): i32 {
  return load<u8>(QUALITY);
}

/** Extracts person `seed`, seen so, into `template`. */
function see(seed: i32, x: f32, y: f32, z: f32, yaw: f32, pitch: f32, template: usize): void {
  makeHead(seed);
  drawHead(x, y, z, yaw, pitch, 0.2, false);
  expect(extract(template)).toBe(REASON_NONE);
}

describe("alignment", () => {
  test("a known motion of the mean face is undone", () => {
    const mean = WORK;
    const weights = mean + (MAP_BYTES as usize);
    const points = weights + (MAP_BYTES as usize);
    makeMean(mean);
    makeWeights(weights);
    let count = 0;
    for (let n = 0; n < CELLS; n++) {
      const i = n % COLUMNS;
      const j = n / COLUMNS;
      if (i == 0 || j == 0 || i == COLUMNS - 1 || j == ROWS - 1) continue;
      const m = mean + ((n as usize) << 2);
      const p = points + (count++ as usize) * POINT_BYTES;
      // Moved by a rotation of 0.1 about y, then by (4, -5, 6).
      const x = xOf(n);
      const z = load<f32>(m);
      const c: f32 = 0.9950042;
      const s: f32 = 0.0998334;
      store<f32>(p, c * x + s * z + 4);
      store<f32>(p, yOf(n) - 5, 4);
      store<f32>(p, c * z - s * x + 6, 8);
      const gx = (load<f32>(m, 4) - load<f32>(m - 4)) / (2 * PITCH);
      const gy = (load<f32>(m, 4 * COLUMNS) - load<f32>(m - 4 * COLUMNS)) / (2 * PITCH);
      setNormal(p, -c * gx + s, -gy, c + s * gx);
    }
    const pose = points + (count as usize) * POINT_BYTES;
    memory.fill(pose, 0, POSE_BYTES as usize);
    store<f32>(pose, 1);
    store<f32>(pose, 1, 16);
    store<f32>(pose, 1, 32);
    alignTo(mean, weights, pose + 64);
    align(points, count, 1, pose, 25, 20, 0.85, 4, 0.4);
    let worst: f32 = 0;
    for (let k = 0, n = 0; n < CELLS; n++) {
      const i = n % COLUMNS;
      const j = n / COLUMNS;
      if (i == 0 || j == 0 || i == COLUMNS - 1 || j == ROWS - 1) continue;
      moveTo(pose, points + (k++ as usize) * POINT_BYTES);
      const off = abs(movedX - xOf(n)) + abs(movedY - yOf(n)) + abs(movedZ - load<f32>(mean + ((n as usize) << 2)));
      worst = max(worst, off);
    }
    expect(worst).toBeLessThan(1);
  });

  test("points on a slope are splatted to it; what lies behind, and cells without points, do not count", () => {
    const map = WORK;
    const weights = map + (MAP_BYTES as usize);
    const front = weights + (MAP_BYTES as usize);
    const pose = front + (MAP_BYTES as usize);
    const points = pose + 64;
    memory.fill(pose, 0, POSE_BYTES as usize);
    store<f32>(pose, 1);
    store<f32>(pose, 1, 16);
    store<f32>(pose, 1, 32);
    let count = 0;
    for (let n = 0; n < CELLS / 2; n++) {
      for (let layer = 0; layer < 2; layer++) {
        const p = points + (count++ as usize) * POINT_BYTES;
        store<f32>(p, xOf(n));
        store<f32>(p, yOf(n), 4);
        store<f32>(p, 0.3 * xOf(n) - 40 * (layer as f32), 8);
      }
    }
    splat(points, count, pose, map, weights, front);
    const inner = 15 * COLUMNS + 20;
    expect(abs(load<f32>(map + ((inner as usize) << 2)) - 0.3 * xOf(inner))).toBeLessThan(0.05);
    expect(load<f32>(map + (((40 * COLUMNS + 20) as usize) << 2))).toBe(NONE);
  });
});

describe("faces", () => {
  test("the template holds the cells of the field, and no more than 2,400 bytes", () => {
    let cells = 0;
    for (let n = 0; n < CELLS; n++) if (inField(n)) cells++;
    expect(cells).toBe(FIELD);
    expect(TEMPLATE_BYTES).toBeLessThan(2401);
  });

  test("the mean face, turned and moved, lies on itself", () => {
    see(0, 12, -8, 420, 0.2, -0.1, FIRST);
    expect(overall()).toBeGreaterThan(60);
    makeMean(WORK + (MAP_BYTES as usize));
    let near = 0;
    let seen = 0;
    for (let n = 0; n < CELLS; n++) {
      const z = load<f32>(faceView() + ((n as usize) << 2));
      if (!inField(n) || z == NONE) continue;
      seen++;
      if (abs(z - load<f32>(WORK + ((MAP_BYTES + 4 * n) as usize))) < 1.5) near++;
    }
    expect(seen).toBeGreaterThan((FIELD * 8) / 10);
    expect(near).toBeGreaterThan((seen * 9) / 10);
  });

  test("the same depth map gives the same template", () => {
    see(3, 0, 0, 400, 0.1, 0, FIRST);
    makeHead(3);
    expect(extract(SECOND)).toBe(REASON_NONE);
    expect(memory.compare(FIRST, SECOND, TEMPLATE_BYTES)).toBe(0);
  });

  test("a person is more like themselves, turned and moved, than like anybody else", () => {
    let least = 1000000;
    let most = 0;
    for (let a = 1; a <= 4; a++) {
      see(a, 0, 0, 400, 0, 0, FIRST);
      expect(faceCompare(FIRST, FIRST, WORK)).toBeGreaterThan(750000);
      see(a, 15, -10, 430, 0.15, 0.1, SECOND);
      least = min(least, faceCompare(SECOND, FIRST, WORK));
      for (let b = 5; b <= 7; b++) {
        see(b, -5, 5, 410, -0.1, 0, SECOND);
        most = max(most, faceCompare(SECOND, FIRST, WORK));
      }
    }
    expect(least).toBeGreaterThan(most + 50000);
  });

  test("a comparison leaves nothing that changes the next one", () => {
    see(1, 0, 0, 400, 0, 0, FIRST);
    see(2, 0, 0, 400, 0, 0, SECOND);
    memory.fill(WORK, 0, faceCompareBytes());
    const one = faceCompare(FIRST, SECOND, WORK);
    memory.fill(WORK, 0xff, faceCompareBytes());
    expect(faceCompare(FIRST, SECOND, WORK)).toBe(one);
  });
});

describe("refusals", () => {
  test("nothing, and a plane, are no face, or at best a side of one", () => {
    drawPlane(0, 0);
    expect(extract(FIRST)).toBe(REASON_NO_FACE);
    for (let k = 0; k < 3; k++) {
      drawPlane(400, 0.3 * (k as f32));
      const reason = extract(FIRST);
      expect(reason == REASON_NO_FACE || reason == REASON_COVERED).toBe(true);
    }
    expect(load<u8>(FIRST)).toBe(0);
  });

  test("a ball is no face", () => {
    for (let radius: f32 = 60; radius < 130; radius += 20) {
      drawBall(400, radius);
      expect(extract(FIRST)).toBe(REASON_NO_FACE);
    }
  });

  test("half a face is covered", () => {
    makeHead(1);
    drawHead(0, 0, 400, 0, 0, 0.2, true);
    const reason = extract(FIRST);
    expect(reason == REASON_COVERED || reason == REASON_NO_FACE).toBe(true);
  });

  test("beyond the sensor's range", () => {
    makeHead(1);
    drawHead(0, 0, 400, 0, 0, 0.2, false);
    store<f32>(CALIBRATION, 150, NEAREST);
    store<f32>(CALIBRATION, 300, FARTHEST);
    expect(extract(FIRST)).toBe(REASON_TOO_FAR);
    store<f32>(CALIBRATION, 600, NEAREST);
    store<f32>(CALIBRATION, 900, FARTHEST);
    expect(extract(FIRST)).toBe(REASON_TOO_NEAR);
  });

  test("a face turned to the side is never taken for one from the front", () => {
    makeHead(1);
    drawHead(0, 0, 400, 0.95, 0, 0.2, false);
    const reason = extract(FIRST);
    if (reason == REASON_NONE) expect(overall()).toBeLessThan(30);
    else expect(reason == REASON_TURNED_AWAY || reason == REASON_NO_FACE || reason == REASON_COVERED).toBe(true);
  });

  test("sizes and forms that are none", () => {
    expect(faceWorkspace(60, 240, FORM)).toBe(0);
    expect(faceWorkspace(641, 480, FORM)).toBe(0);
    expect(faceWorkspace(320, 240, formOf(0, 0, 0, 3))).toBe(0);
    expect(faceWorkspace(320, 240, FORM)).toBeLessThan(620000);
    expect(faceExtract(DEPTH, 32, 32, FORM, WORK, FIRST, QUALITY)).toBe(REASON_UNSUPPORTED);
  });
});
