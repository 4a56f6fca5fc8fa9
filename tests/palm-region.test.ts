// The region of a simulated whole hand, as the image finds it: the simulation knows its own pose, so the region is taken back to the hand's own
// millimetres, where it must lie at the same place for every presentation of one hand. And each spoilt presentation is refused by its name.
import { describe, expect, test } from "vitest";
import { childSeed } from "../hal/sim/eye/random.ts";
import {
  type Flaw,
  type Hand,
  makeHand,
  makePresentation,
  type Presentation,
  renderPalm,
} from "../hal/sim/palm/render.ts";
import { drift, look, makeView } from "../hal/sim/palm/view.ts";
import { loadImage } from "../host/evaluate/image.ts";
import { Lab } from "../host/evaluate/lab.ts";
import { MODALITIES } from "../host/evaluate/modality.ts";
import { formOf } from "../host/form.ts";
import { REASONS } from "../host/vocabulary.ts";

const REGION = "whole hand";
const REGION_VIEW = 0;
const lab = new Lab(loadImage().module, MODALITIES.palm.id, formOf({ region: REGION }));

/** Extracts from one frame of a presentation; the reason in words. */
function extract(hands: readonly Hand[], p: Presentation, width = 320, height = 240): string | undefined {
  const light = { at850: 1, at940: 0 };
  const frame = renderPalm(hands, p, { region: REGION, width, height, light, gain: 1, seconds: 0, sequence: 0 });
  return REASONS[lab.extract(frame, width, height) as number];
}

/** Where the region lies on the hand: its centre and side (mm), and its angle against the hand's own upright (degrees). */
function place(p: Presentation, side: Hand["side"], width: number, height: number) {
  const view = lab.view(REGION_VIEW).slice();
  const [cx, cy, , , vx, vy] = new Float32Array(view.buffer, 0, 6) as unknown as number[] as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const camera = makeView(p, REGION, side, width, height, drift(p.seed, 0));
  const on = (x: number, y: number): [number, number] => {
    const seen = { x: 0, y: 0, slopeX: 0, slopeY: 0, light: 1 };
    look(camera, x, y, seen);
    return [seen.x, seen.y];
  };
  const [low, high] = [on(cx + vx, cy + vy), on(cx - vx, cy - vy)];
  const [dx, dy] = [low[0] - high[0], low[1] - high[1]];
  return { centre: on(cx, cy), side: Math.hypot(dx, dy), angle: (Math.atan2(dx, dy) * 180) / Math.PI };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number;
const rms = (values: readonly number[]): number => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

describe.each([
  [320, 240, 6],
  [640, 480, 2],
])("%i x %i", (width, height, people) => {
  test("the region keeps its place on the hand: within 4 % of its side, 4 degrees, 6 % of scale", () => {
    const [shift, turn, scale] = [[] as number[], [] as number[], [] as number[]];
    for (let person = 700; person < 700 + people; person++) {
      const side = person % 2 ? "left" : "right";
      const hand = makeHand(person, side);
      // Three as a user comes, two turned much further.
      const places = [0, 0, 0, -35, 35].map((degrees, k) => {
        const drawn = makePresentation(childSeed(person, `region ${k}`));
        const p = { ...drawn, roll: drawn.roll + (degrees * Math.PI) / 180 };
        expect(extract([hand], p, width, height), `person ${person}, presentation ${k}`).toBe("none");
        return place(p, side, width, height);
      });
      const usual = median(places.map((a) => a.side));
      const [x, y] = [0, 1].map((axis) => median(places.map((a) => a.centre[axis] as number))) as [number, number];
      const angle = median(places.map((a) => a.angle));
      for (const a of places) {
        shift.push(Math.hypot(a.centre[0] - x, a.centre[1] - y) / usual);
        turn.push(a.angle - angle);
        scale.push(a.side / usual - 1);
      }
    }
    expect(rms(shift)).toBeLessThan(0.04);
    expect(rms(turn)).toBeLessThan(4);
    expect(rms(scale)).toBeLessThan(0.06);
    expect(Math.max(...shift)).toBeLessThan(0.1);
  });
});

test.each<[Flaw, string]>([
  ["absent", "no_hand"],
  ["too_near", "too_near"],
  ["too_far", "too_far"],
  ["too_bright", "too_bright"],
  ["partly_outside", "partly_outside"],
  ["two_hands", "not_found"],
  ["printed_grid", "not_found"],
])("%s is refused: %s", (flaw, reason) => {
  for (const person of [701, 702]) {
    const side = person % 2 ? "left" : "right";
    const p = makePresentation(childSeed(person, flaw), "contactless", flaw);
    const second = p.second ? [makeHand(childSeed(person, "other"), side === "left" ? "right" : "left")] : [];
    const hands = p.thing === "nothing" ? [] : [makeHand(person, side), ...second];
    expect(extract(hands, p), `person ${person}`).toBe(reason);
  }
});
