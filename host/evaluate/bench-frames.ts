// What `kanmon bench` shows to each modality, in V8 and on boards: simulated people in the frames that readers use. A modality is a row.

import type { FringeStack } from "../../hal/driver.ts";
import { PHASE_GRAY, PHASE_SHIFT } from "../../hal/face/patterns.ts";
import { makeEye, makePresentation as presentEye, renderEye } from "../../hal/sim/eye.ts";
import { codedStack } from "../../hal/sim/face/coded-stack.ts";
import { calibrationBlock, makeUnit, personOf } from "../../hal/sim/face/render.ts";
import { presentationOf } from "../../hal/sim/face/stack.ts";
import { renderBurst } from "../../hal/sim/palm/burst.ts";
import { type Hand, makeHand, makePresentation as presentPalm } from "../../hal/sim/palm/render.ts";
import type { Presentation } from "../form.ts";
import type { ModalityName } from "./modality.ts";

/** One kind of frames. */
export interface BenchFrames {
  /** In words. */
  readonly what: string;
  readonly width: number;
  readonly height: number;
  readonly presentation: Presentation;
  /** Of a face: the geometry of the sensor's unit, 64 bytes (host/calibration/document.ts). */
  readonly geometry?: Uint8Array;
  /** Whether boards are measured with them too. */
  readonly board: boolean;
  /** A person's right eye or hand, its planes one after the other, or face, a coded stack; presentations are numbers too. */
  draw(person: number, presentation: number): Uint8Array;
}

/** A person's number is also their presentation's in these benchmarks; this one is another presentation of whoever it is. */
export const AGAIN = 2000;

/** Kinds of frames of each modality; the first is what comparison and identification are measured with. */
export const BENCH_FRAMES: Record<ModalityName, readonly [BenchFrames, ...BenchFrames[]]> = {
  iris: [eyes(320, 240, true), eyes(160, 120), eyes(640, 480)],
  palm: [
    palms("cropped", 180, 180, [850]),
    palms("whole hand", 320, 240, [850]),
    palms("whole hand", 320, 240, [850, 940]),
  ],
  face: [faces(PHASE_SHIFT), faces(PHASE_GRAY)],
};

function eyes(width: number, height: number, board = false): BenchFrames {
  const draw = (person: number, presentation: number): Uint8Array =>
    renderEye(makeEye(person, "right"), presentEye(presentation), width, height);
  return { what: `${width}×${height}`, width, height, presentation: {}, board, draw };
}

function palms(region: "cropped" | "whole hand", width: number, height: number, bands_nm: number[]): BenchFrames {
  const draw = (person: number, presentation: number): Uint8Array =>
    renderBurst(hand(person), presentPalm(presentation, "contactless"), { region, width, height, bands_nm });
  const bands = bands_nm.length > 1 ? ", two bands" : "";
  const presentation = { region, bands_nm };
  return { what: `${region} ${width}×${height}${bands}`, width, height, presentation, board: true, draw };
}

function faces(stack: FringeStack): BenchFrames {
  const unit = makeUnit("BENCH");
  const { width, height } = unit;
  const draw = (person: number, presentation: number): Uint8Array =>
    codedStack(unit, personOf(person), presentationOf(person, presentation), stack);
  const what = `${stack.kind} ${width}×${height}`;
  const geometry = calibrationBlock(unit);
  return { what, width, height, presentation: { kind: stack.kind }, geometry, board: true, draw };
}

/** The hand drawn last, since drawing one takes a while and its frames are asked for one after the other. */
let last: { person: number; hand: Hand } | undefined;

function hand(person: number): Hand {
  if (last?.person !== person) last = { person, hand: makeHand(person, "right") };
  return last.hand;
}
