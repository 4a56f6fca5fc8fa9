// Draws docs/images/iris.png, the picture that the README opens with: a simulated eye, what the shipped image sees in it, and the
// code it keeps. Nobody's eye is in it. Run after a build: node build/js/scripts/draw-readme-picture.js
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { makeEye, makePresentation, renderEye } from "../hal/sim/eye.ts";
import { drawIris, imageElement } from "../host/evaluate/draw-iris.ts";
import { loadImage } from "../host/evaluate/image.ts";
import { Lab } from "../host/evaluate/lab.ts";
import { MODALITIES } from "../host/evaluate/modality.ts";

const [WIDTH, HEIGHT] = [640, 480];
const MARGIN = 14;
const FRAME_SCALE = 0.62;
const MAPS_SCALE = 1.7;
const PERSON = 23;
const PRESENTATION = 4;

const frame = renderEye(makeEye(PERSON, "right"), makePresentation(PRESENTATION), WIDTH, HEIGHT);
const lab = new Lab(loadImage().module, MODALITIES.iris.id);
const reason = lab.extract(frame, WIDTH, HEIGHT);
if (reason !== 0) throw new Error(`the image found no template in the simulated eye: reason ${reason}`);

const { over, beside, besideWidth } = await drawIris(lab, WIDTH, HEIGHT);
const eye = await imageElement(frame, WIDTH, HEIGHT, 0, 0, 1);
const [w, h] = [WIDTH * FRAME_SCALE, HEIGHT * FRAME_SCALE];
const place = (x: number, y: number, scale: number, content: string) =>
  `<g transform="translate(${x},${y}) scale(${scale})">${content}</g>`;
const size = [w + besideWidth * MAPS_SCALE + 3 * MARGIN, 2 * h + 3 * MARGIN].map(Math.round);
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size[0]}" height="${size[1]}" font-family="sans-serif" font-size="12" fill="#ddd">
<rect width="100%" height="100%" fill="#18191b"/>
${place(MARGIN, MARGIN, FRAME_SCALE, eye)}
${place(MARGIN, h + 2 * MARGIN, FRAME_SCALE, `${eye}<g stroke-width="3">${over}</g>`)}
${place(w + 2 * MARGIN, MARGIN, MAPS_SCALE, beside)}
</svg>`;
const folder = join("docs", "images");
mkdirSync(folder, { recursive: true });
await sharp(Buffer.from(svg)).png({ palette: true, colours: 128 }).toFile(join(folder, "iris.png"));
