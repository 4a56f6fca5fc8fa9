// The simulated eye: the same seeds give the same picture, other seeds another one, and what is in it lies where the geometry says.
import { describe, expect, test } from "vitest";
import { type EyeAnatomy, type FLAWS, makeEye, makePresentation, type Presentation, renderEye } from "./eye.ts";

const WIDTH = 320;
const HEIGHT = 240;
const eye = makeEye(7, "right");

/** Centre of the pupil, pupil radius and iris radius in pixels, from the presentation's geometry. */
function truth(anatomy: EyeAnatomy, p: Presentation): { x: number; y: number; pupil: number; iris: number } {
  const mirror = anatomy.side === "right" ? 1 : -1;
  const iris = p.scale * HEIGHT;
  const hx = mirror * (2 * Math.sin(p.gazeX) * mirror + anatomy.pupil.x);
  const hy = 2 * Math.sin(p.gazeY) + anatomy.pupil.y;
  return {
    x: WIDTH * (0.5 + p.x) + iris * (Math.cos(p.roll) * hx - Math.sin(p.roll) * hy),
    y: HEIGHT * (0.5 + p.y) + iris * (Math.sin(p.roll) * hx + Math.cos(p.roll) * hy),
    pupil: iris * anatomy.pupil.radius * p.dilation,
    iris,
  };
}

/** Mean grey on the ring of the given radius, below the horizontal, where neither lid nor lashes come. */
function ring(frame: Uint8Array, x: number, y: number, radius: number): number {
  let sum = 0;
  let count = 0;
  for (let degrees = 5; degrees < 176; degrees += 5) {
    if (degrees > 40 && degrees < 140) continue;
    const t = (degrees * Math.PI) / 180;
    sum += frame[Math.round(y + radius * Math.sin(t)) * WIDTH + Math.round(x + radius * Math.cos(t))] as number;
    count++;
  }
  return sum / count;
}

const mean = (frame: Uint8Array): number => frame.reduce((sum, v) => sum + v, 0) / frame.length;
/** Share of the steps between neighbours that are large: what a lens out of focus takes away. */
const detail = (frame: Uint8Array): number =>
  frame.reduce((n, v, i) => n + (Math.abs(v - (frame[i + 1] ?? v)) > 12 ? 1 : 0), 0) / frame.length;
const distance = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((sum, v, i) => sum + Math.abs(v - (b[i] as number)), 0) / a.length;

describe("a good presentation", () => {
  test.each([1, 2, 3, 4, 5, 6])(
    "number %i has a dark pupil, a grey iris and a bright sclera where they should be",
    (seed) => {
      for (const anatomy of [eye, makeEye(8, "left")]) {
        const p = makePresentation(seed);
        const frame = renderEye(anatomy, p, WIDTH, HEIGHT);
        const t = truth(anatomy, p);
        const pupil = ring(frame, t.x, t.y, 0.85 * t.pupil);
        const inner = ring(frame, t.x, t.y, 1.2 * t.pupil);
        const outer = ring(frame, t.x, t.y, 0.88 * t.iris);
        const sclera = ring(frame, t.x, t.y, 1.16 * t.iris);
        expect(pupil).toBeLessThan(50);
        expect(inner - pupil).toBeGreaterThan(25);
        expect(sclera - outer).toBeGreaterThan(15);
        expect(sclera).toBeLessThan(230);
      }
    },
  );

  test("is the same for the same seeds, in every size, and differs for other seeds", () => {
    const p = makePresentation(11);
    for (const [width, height] of [
      [640, 480],
      [320, 240],
      [160, 120],
    ] as const) {
      const frame = renderEye(eye, p, width, height);
      expect(frame).toHaveLength(width * height);
      expect(Buffer.compare(frame, renderEye(makeEye(7, "right"), makePresentation(11), width, height))).toBe(0);
    }
    const frame = renderEye(eye, p, WIDTH, HEIGHT);
    expect(distance(frame, renderEye(makeEye(8, "right"), p, WIDTH, HEIGHT))).toBeGreaterThan(3);
    expect(distance(frame, renderEye(eye, makePresentation(12), WIDTH, HEIGHT))).toBeGreaterThan(3);
  });

  test("follows exposure and LEDs: each LED has its own reflection", () => {
    const p = makePresentation(3);
    const t = truth(eye, p);
    const glints = (light: { left: number; right: number }): number => {
      const frame = renderEye(eye, p, WIDTH, HEIGHT, light);
      let bright = 0;
      for (let y = Math.round(t.y - t.pupil); y < t.y + t.pupil; y++) {
        for (let x = Math.round(t.x - t.pupil); x < t.x + t.pupil; x++)
          if ((frame[y * WIDTH + x] as number) > 150) bright++;
      }
      return bright;
    };
    expect(glints({ left: 0, right: 0 })).toBe(0);
    const one = glints({ left: 1, right: 0 });
    expect(one).toBeGreaterThan(4);
    expect(glints({ left: 1, right: 1 })).toBeGreaterThan(1.5 * one);
    const dim = renderEye(eye, p, WIDTH, HEIGHT, undefined, 0.5);
    expect(mean(renderEye(eye, p, WIDTH, HEIGHT)) / mean(dim)).toBeCloseTo(2, 0);
  });
});

describe("a spoiled presentation", () => {
  const good = makePresentation(5);
  const at = truth(eye, good);
  const picture = (flaw: (typeof FLAWS)[number]): Uint8Array =>
    renderEye(eye, makePresentation(5, flaw), WIDTH, HEIGHT);

  test("closed: no pupil where it was", () => {
    expect(ring(picture("closed"), at.x, at.y, 0.5 * at.pupil)).toBeGreaterThan(90);
  });
  test("absent: nothing dark anywhere", () => {
    expect(Math.min(...picture("absent"))).toBeGreaterThan(70);
  });
  test("defocused: little detail", () => {
    expect(detail(picture("defocused"))).toBeLessThan(0.3 * detail(renderEye(eye, good, WIDTH, HEIGHT)));
  });
  test("bright: most pixels saturated", () => {
    expect(picture("bright").reduce((n, v) => n + (v === 255 ? 1 : 0), 0)).toBeGreaterThan(0.6 * WIDTH * HEIGHT);
  });
  test("far: skin where the iris was", () => {
    expect(ring(picture("far"), at.x, at.y, 0.9 * at.iris)).toBeGreaterThan(120);
  });
});
