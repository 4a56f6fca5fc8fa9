// Draws docs/images/kanmon.png, the picture that the README opens with: what the simulated sensors see, and what the shipped image makes of it,
// for each modality. Nobody's eye, hand or face is in it. Run after a build: node build/js/scripts/draw-readme-picture.js
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { PHASE_SHIFT, patternsOf } from "../hal/face/patterns.ts";
import { makeEye, makePresentation as presentEye, renderEye } from "../hal/sim/eye.ts";
import { codedStack } from "../hal/sim/face/coded-stack.ts";
import { calibrationBlock, makeScene, makeUnit, personOf, takeStack } from "../hal/sim/face/render.ts";
import { presentationOf } from "../hal/sim/face/stack.ts";
import { renderBurst } from "../hal/sim/palm/burst.ts";
import { makeHand, makePresentation as presentPalm } from "../hal/sim/palm/render.ts";
import { drawFace } from "../host/evaluate/draw-face.ts";
import { drawIris, imageElement } from "../host/evaluate/draw-iris.ts";
import { drawPalm } from "../host/evaluate/draw-palm.ts";
import { loadImage } from "../host/evaluate/image.ts";
import { Lab } from "../host/evaluate/lab.ts";
import { MODALITIES, type ModalityName } from "../host/evaluate/modality.ts";
import { formOf, type Presentation } from "../host/form.ts";

const COLUMN = 400;
const MARGIN = 14;
const TITLE = 24;
const FRAME_HEIGHT = 300;
const HEIGHT = 680;
/** Of what is below: the unwrapped iris is as wide as the column. */
const BELOW_SCALE = 0.78;

interface Panel {
  readonly title: string;
  readonly modality: ModalityName;
  readonly presentation: Presentation;
  readonly geometry?: Uint8Array;
  readonly size: readonly [width: number, height: number];
  /** What the image gets, and what of it is shown. */
  readonly frame: Uint8Array;
  readonly shown: Uint8Array;
  draw(lab: Lab, width: number, height: number): Promise<{ over: string; beside: string }>;
}

const svg = await Promise.all([eye(), palm(), face()].map(column));
const size = [svg.length * (COLUMN + MARGIN) + MARGIN, HEIGHT];
const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="${size[0]}" height="${size[1]}" font-family="sans-serif" font-size="12" fill="#ddd">
<rect width="100%" height="100%" fill="#18191b"/>${svg.join("")}</svg>`;
const folder = join("docs", "images");
mkdirSync(folder, { recursive: true });
await sharp(Buffer.from(picture)).png({ palette: true, colours: 128 }).toFile(join(folder, "kanmon.png"));

function eye(): Panel {
  const frame = renderEye(makeEye(23, "right"), presentEye(4), 640, 480);
  return { title: "iris", modality: "iris", presentation: {}, size: [640, 480], frame, shown: frame, draw: drawIris };
}

function palm(): Panel {
  const size = [320, 240] as const;
  const presentation = { region: "whole hand", bands_nm: [850] } as const;
  const shape = { region: presentation.region, width: size[0], height: size[1], bands_nm: [850] };
  const frame = renderBurst(makeHand(3, "right"), presentPalm(3, "contactless"), shape);
  return { title: "palm vein", modality: "palm", presentation, size, frame, shown: frame, draw: drawPalm };
}

function face(): Panel {
  const unit = makeUnit("README");
  const [person, seen] = [personOf(7), presentationOf(7, 1)];
  const patterns = patternsOf(PHASE_SHIFT);
  // One of the finest fringes' pictures stands for the sixteen.
  const shown = takeStack(makeScene(unit, person, seen), patterns, seen).at(-1) as Uint8Array;
  return {
    title: "3D face under structured light",
    modality: "face",
    presentation: { kind: PHASE_SHIFT.kind },
    geometry: calibrationBlock(unit),
    size: [unit.width, unit.height],
    frame: codedStack(unit, person, seen, PHASE_SHIFT),
    shown,
    draw: drawFace,
  };
}

/** A column: the frame with what was found in it, what was made of it below. */
async function column(panel: Panel, index: number): Promise<string> {
  const { modality, presentation, geometry, frame, shown } = panel;
  const [width, height] = panel.size;
  const lab = new Lab(loadImage().module, MODALITIES[modality].id, formOf(presentation), geometry);
  const reason = lab.extract(frame, width, height);
  if (reason !== 0) throw new Error(`the image found no template of the simulated ${modality}: reason ${reason}`);
  const { over, beside } = await panel.draw(lab, width, height);
  const scale = COLUMN / width;
  const below = TITLE + FRAME_HEIGHT + MARGIN;
  const seen = `${await imageElement(shown, width, height, 0, 0, 1)}<g stroke-width="${1.6 / scale}">${over}</g>`;
  return [
    `<g transform="translate(${MARGIN + index * (COLUMN + MARGIN)},${MARGIN})">`,
    `<text y="13" font-size="16">${panel.title}</text>`,
    `<g transform="translate(0,${TITLE}) scale(${scale})">${seen}</g>`,
    `<g transform="translate(0,${below}) scale(${BELOW_SCALE})">${beside}</g></g>`,
  ].join("");
}
