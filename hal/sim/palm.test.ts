// The simulated palm: the same seeds give the same picture, other seeds another one; bands, ambient light, pulse and movement are what
// a live hand's are; every flaw shows; and a hand is known by its veins.
import { beforeAll, describe, expect, test } from "vitest";
import type { Region, SensorSettings } from "../driver.ts";
import { blur } from "./eye/optics.ts";
import { FLAWS } from "./palm/presentation.ts";
import { type PalmSubject, SimulatedPalmCamera } from "./palm.ts";

const AT_850 = { "850": 50 };
const AT_940 = { "940": 60 };

const cameras = {
  cropped: new SimulatedPalmCamera({ region: "cropped" }),
  window: new SimulatedPalmCamera({ region: "window" }),
  "whole hand": new SimulatedPalmCamera(),
};

/** Takes exposure `sequence` of a subject. */
function take(region: Region, subject: PalmSubject, settings: Partial<SensorSettings> = {}, sequence = 0): Uint8Array {
  const camera = cameras[region];
  camera.present({ presentation: 1, ...subject });
  return camera.expose({ ...camera.defaults, illumination: AT_850, ...settings }, sequence);
}

const mean = (frame: Uint8Array): number => frame.reduce((sum, v) => sum + v, 0) / frame.length;
const share = (frame: Uint8Array, holds: (v: number) => boolean): number =>
  frame.reduce((n, v) => n + (holds(v) ? 1 : 0), 0) / frame.length;
const distance = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((sum, v, i) => sum + Math.abs(v - (b[i] as number)), 0) / a.length;
const bright = (frame: Uint8Array): number => share(frame, (v) => v > 45);

/** The middle of a frame, where the palm is: `half` pixels to each side. */
function middle(frame: Uint8Array, width: number, half: number): Uint8Array {
  const height = frame.length / width;
  const part = new Uint8Array(4 * half * half);
  for (let y = 0; y < 2 * half; y++)
    for (let x = 0; x < 2 * half; x++)
      part[y * 2 * half + x] = frame[(height / 2 - half + y) * width + width / 2 - half + x]!;
  return part;
}

describe.each<[Region, number, number]>([
  ["cropped", 180, 180],
  ["window", 320, 240],
  ["whole hand", 320, 240],
])("%s", (region, width, height) => {
  test("the same subject is the same picture, byte for byte; another exposure, presentation, side or person is not", () => {
    const frame = take(region, { person: 1 });
    expect(frame).toHaveLength(width * height);
    const again = new SimulatedPalmCamera({ region });
    again.present({ person: 1, presentation: 1 });
    expect(Buffer.compare(frame, again.expose({ ...again.defaults, illumination: AT_850 }, 0))).toBe(0);
    expect(distance(frame, take(region, { person: 1 }, {}, 1))).toBeGreaterThan(0.3);
    expect(distance(frame, take(region, { person: 1, presentation: 2 }))).toBeGreaterThan(1.5);
    expect(distance(frame, take(region, { person: 1, side: "left" }))).toBeGreaterThan(3);
    expect(distance(frame, take(region, { person: 2 }))).toBeGreaterThan(3);
  });

  test.each(FLAWS)("%s does not look like a good presentation", (flaw) => {
    expect(distance(take(region, { person: 1 }), take(region, { person: 1, flaw }))).toBeGreaterThan(4);
  });

  test("light is the LEDs' and the room's: more exposure, more of both", () => {
    const dark = mean(take(region, { person: 1 }, { illumination: {} }));
    const lit = mean(take(region, { person: 1 }));
    expect(dark).toBeGreaterThan(1);
    expect(dark).toBeLessThan(0.25 * lit);
    expect(mean(take(region, { person: 1 }, { exposure_us: 2000 })) / lit).toBeCloseTo(0.5, 1);
    const both = mean(take(region, { person: 1 }, { illumination: { "850": 20, "940": 20 } }));
    const one = mean(take(region, { person: 1 }, { illumination: { "850": 20 } }));
    expect(both).toBeGreaterThan(1.3 * one);
  });
});

describe("the regions", () => {
  test("whole hand: dark around the hand, fingers and valleys in view, palm in the middle", () => {
    const frame = take("whole hand", { person: 1 });
    expect(share(frame, (v) => v < 20)).toBeGreaterThan(0.5);
    expect(bright(middle(frame, 320, 25))).toBe(1);
    // Along a row through the fingers light and dark take turns: at least three fingers beside each other.
    const row = frame.subarray(40 * 320, 41 * 320);
    const starts = row.reduce((n, v, x) => n + (v > 45 && (row[x - 1] ?? 0) <= 45 ? 1 : 0), 0);
    expect(starts).toBeGreaterThanOrEqual(3);
  });
  test("window: palm without end inside, dark edges", () => {
    const frame = take("window", { person: 1 });
    expect(bright(middle(frame, 320, 95))).toBe(1);
    expect(Math.max(...frame.subarray(0, 320 * 6))).toBeLessThan(30);
  });
  test("cropped: palm everywhere", () => {
    expect(bright(take("cropped", { person: 1 }))).toBeGreaterThan(0.98);
  });
  test("larger frames show the same", () => {
    const size = { width: 640, height: 480 };
    const large = take("whole hand", { person: 1 }, size);
    expect(large).toHaveLength(640 * 480);
    expect(mean(large)).toBeCloseTo(mean(take("whole hand", { person: 1 })), 0);
  });
});

describe("the flaws", () => {
  const at = (flaw?: PalmSubject["flaw"]): Uint8Array => take("whole hand", { person: 1, ...(flaw && { flaw }) });
  const good = bright(at());
  test("absent: nothing but the dark room", () => expect(bright(at("absent"))).toBe(0));
  test("too_near and too_far: much more and much less hand", () => {
    expect(bright(at("too_near"))).toBeGreaterThan(1.7 * good);
    expect(bright(at("too_far"))).toBeLessThan(0.35 * good);
  });
  test("too_bright: the palm is saturated", () => {
    expect(share(at("too_bright"), (v) => v === 255)).toBeGreaterThan(0.15);
  });
  test("partly_outside, tilted, folded: less hand", () => {
    for (const flaw of ["partly_outside", "tilted", "folded"] as const)
      expect(bright(at(flaw))).toBeLessThan(0.9 * good);
  });
  test("two_hands: nearly twice as much", () => expect(bright(at("two_hands"))).toBeGreaterThan(1.5 * good));
});

/** Band-passed (veins, not shading or noise), halved twice: what veins look like to a matcher. */
function veins(frame: Uint8Array, side: number): { map: Float32Array; side: number } {
  const fine = Float32Array.from(frame);
  const broad = Float32Array.from(frame);
  blur(fine, side, side, 2.5);
  blur(broad, side, side, 9);
  const half = side >> 2;
  const map = new Float32Array(half * half);
  for (let y = 0; y < half; y++)
    for (let x = 0; x < half; x++) {
      const i = 4 * y * side + 4 * x;
      map[y * half + x] = (fine[i]! - broad[i]!) / broad[i]!;
    }
  return { map, side: half };
}

/** Highest correlation of two maps' middles over shifts of up to 6 samples. */
function likeness(a: ReturnType<typeof veins>, b: ReturnType<typeof veins>): number {
  const { side } = a;
  const rim = 8;
  let best = -1;
  for (let dy = -6; dy <= 6; dy++)
    for (let dx = -6; dx <= 6; dx++) {
      let [ab, aa, bb] = [0, 0, 0];
      for (let y = rim; y < side - rim; y++)
        for (let x = rim; x < side - rim; x++) {
          const u = a.map[y * side + x]!;
          const v = b.map[(y + dy) * side + x + dx]!;
          ab += u * v;
          aa += u * u;
          bb += v * v;
        }
      best = Math.max(best, ab / Math.sqrt(aa * bb));
    }
  return best;
}

describe("veins", () => {
  test("are the same in another presentation, and others in another person's hand or the person's other one", () => {
    const camera = new SimulatedPalmCamera({ region: "cropped", profile: "guided" });
    const map = (person: number, side: "left" | "right", presentation: number): ReturnType<typeof veins> => {
      camera.present({ person, side, presentation });
      return veins(camera.expose({ ...camera.defaults, illumination: AT_850 }, 0), 180);
    };
    const hands = [
      ...[20, 21, 22, 23].map((person) => ({ person, side: "right" as const })),
      { person: 20, side: "left" as const },
    ];
    const first = hands.map(({ person, side }) => map(person, side, 1));
    const again = hands.map(({ person, side }) => map(person, side, 2));
    const scores = first.map((a) => again.map((b) => likeness(a, b)));
    const genuine = scores.map((row, i) => row[i]!);
    const impostor = scores.flatMap((row, i) => row.filter((_, j) => j !== i));
    expect(Math.min(...genuine)).toBeGreaterThan(0.65);
    expect(Math.max(...impostor)).toBeLessThan(0.5);
  });
});

describe("what tells a live hand", () => {
  let live850: Uint8Array;
  beforeAll(() => {
    live850 = take("cropped", { person: 1 });
  });
  test("940 nm comes back weaker and with fainter veins than 850 nm; a print, a grid and a glove show both alike", () => {
    const ratio = (flaw?: PalmSubject["flaw"]): number => {
      const subject = { person: 1, ...(flaw && { flaw }) };
      const ambient = mean(take("cropped", subject, { illumination: {} }));
      const [a, b] = [AT_850, AT_940].map((illumination) => mean(take("cropped", subject, { illumination })) - ambient);
      return (b as number) / (a as number);
    };
    expect(ratio()).toBeLessThan(0.93);
    for (const flaw of ["print", "printed_grid", "glove"] as const) expect(ratio(flaw)).toBeGreaterThan(0.94);
    // Where 850 nm shows relief (veins mostly), 940 nm shows less of it: the slope of one map against the other.
    const [u, v] = [live850, take("cropped", { person: 1 }, { illumination: AT_940 })].map((f) => veins(f, 180).map);
    const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
    expect(dot(u!, v!) / dot(u!, u!)).toBeLessThan(0.97);
  });

  test("the mean level beats by well under 1 %, more at 940 nm; a print's does not", () => {
    // As a pulse is measured: the middle's mean level over six seconds, and its strongest share from 0.85 to 1.7 Hz.
    const camera = new SimulatedPalmCamera({ region: "cropped", profile: "guided" });
    const pulse = (illumination: Record<string, number>, flaw?: PalmSubject["flaw"]): number => {
      camera.present({ person: 1, presentation: 1, ...(flaw && { flaw }) });
      const settings = { ...camera.defaults, illumination, interval_us: 125_000 };
      const levels = Array.from({ length: 48 }, (_, k) => mean(middle(camera.expose(settings, k), 180, 60)));
      const level = levels.reduce((sum, v) => sum + v, 0) / levels.length;
      let strongest = 0;
      for (let hertz = 0.85; hertz <= 1.7; hertz += 0.05) {
        let [re, im] = [0, 0];
        for (const [k, v] of levels.entries()) {
          const weight = (1 - Math.cos((2 * Math.PI * (k + 0.5)) / levels.length)) * (v / level - 1);
          re += weight * Math.cos(2 * Math.PI * hertz * 0.125 * k);
          im += weight * Math.sin(2 * Math.PI * hertz * 0.125 * k);
        }
        strongest = Math.max(strongest, (2 * Math.hypot(re, im)) / levels.length);
      }
      return strongest;
    };
    const [at850, at940, print] = [pulse(AT_850), pulse(AT_940), pulse(AT_940, "print")];
    expect(at850).toBeGreaterThan(0.001);
    expect(at940).toBeGreaterThan(1.3 * at850);
    expect(at940).toBeLessThan(0.006);
    expect(print).toBeLessThan(0.3 * at850);
  });

  test("the hand moves: hardly within a burst, visibly within a second", () => {
    const at = (sequence: number): Uint8Array => take("whole hand", { person: 1 }, {}, sequence);
    const noise = distance(at(0), at(1));
    expect(distance(at(0), at(90))).toBeGreaterThan(1.15 * noise);
  });
});
