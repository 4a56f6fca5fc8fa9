// What the image saw in an eye, as a drawing: contours and unusable parts over the frame, the unwrapped iris, its mask and the code.
// The maps and their layout are those of assembly/iris/layout.ts and encode.ts.
import sharp from "sharp";
import type { Lab } from "./lab.ts";

const VIEW = { hypothesis: 0, unwrapped: 1, usable: 2, code: 3, working: 4 } as const;
const RAYS = 128;
const COLUMNS = 256;
const BANDS = 32;
/** Fields of a hypothesis, in f32 words; it ends with the two contours. */
const FIELD = { px: 1, py: 2, ix: 7, iy: 8 } as const;
/** The part of the ring between pupil and iris contour that is unwrapped (assembly/iris/normalize.ts). */
const FIRST = 0.05;
const SPAN = 0.85;
/** The drawing's scale of the unwrapped maps. */
const MAP_SCALE = 2;

type Point = readonly [x: number, y: number];

/** SVG of the maps of the lab's last extraction, to stand at (0, 0) beside a frame of `width`x`height`: over it, and to its right. */
export async function drawIris(
  lab: Lab,
  width: number,
  height: number,
): Promise<{ over: string; beside: string; besideWidth: number }> {
  const besideWidth = COLUMNS * MAP_SCALE;
  const hypothesis = lab.view(VIEW.hypothesis);
  if (hypothesis.length === 0) return { over: "", beside: "", besideWidth };
  const fields = new Float32Array(hypothesis.slice().buffer);
  const toFrame = frameCoordinate(lab.view(VIEW.working).length, width * height);
  const contour =
    (x: number, y: number, radii: number) =>
    (column: number): Point => {
      const angle = (2 * Math.PI * column) / COLUMNS;
      const ray = Math.floor(column / 2);
      const radius = (fields[radii + (ray % RAYS)]! + fields[radii + ((ray + (column % 2)) % RAYS)]!) / 2;
      return [toFrame(fields[x]! + radius * Math.cos(angle)), toFrame(fields[y]! + radius * Math.sin(angle))];
    };
  const pupil = contour(FIELD.px, FIELD.py, fields.length - 2 * RAYS);
  const iris = contour(FIELD.ix, FIELD.iy, fields.length - RAYS);
  const usable = lab.view(VIEW.usable).slice();
  const code = lab.view(VIEW.code).slice();

  const over = [
    `<path d="${unusableCells(usable, pupil, iris)}" fill="#e5484d" fill-opacity="0.4"/>`,
    `<path d="${closed(pupil)}" fill="none" stroke="#ffb224"/>`,
    `<path d="${closed(iris)}" fill="none" stroke="#46a758"/>`,
  ].join("");
  const planes = code.length / (COLUMNS * 2);
  const maps: [title: string, pixels: Uint8Array, rows: number][] = [
    ["unwrapped iris (rows: pupil to rim)", lab.view(VIEW.unwrapped).slice(), BANDS],
    ["mask (white: usable)", usable.map((bit) => bit * 255), BANDS],
    [`code (${planes} planes of 16 bands, the last is its mask)`, codePixels(code, planes), planes * 16],
  ];
  let y = 0;
  let beside = "";
  for (const [title, pixels, rows] of maps) {
    beside += `<text x="0" y="${y + 13}">${title}</text>${await imageElement(pixels, COLUMNS, rows, 0, y + 18, MAP_SCALE)}`;
    y += 18 + rows * MAP_SCALE + 8;
    pixels.fill(0);
  }
  code.fill(0);
  fields.fill(0);
  return { over, beside, besideWidth };
}

/** From working-picture to frame coordinates: the working picture is the frame, half of it or twice it. */
function frameCoordinate(workingPixels: number, framePixels: number): (v: number) => number {
  if (workingPixels > framePixels) return (v) => v / 2 - 0.25;
  return workingPixels < framePixels ? (v) => 2 * v + 0.5 : (v) => v;
}

function closed(contour: (column: number) => Point): string {
  return `${line(Array.from({ length: COLUMNS }, (_, i) => contour(i)))}Z`;
}

function line(points: readonly Point[]): string {
  return `M${points.map(([x, y]) => `${(x + 0.5).toFixed(1)},${(y + 0.5).toFixed(1)}`).join("L")}`;
}

/** Path around every run of unusable cells of a row of the unwrapped iris, laid back over the frame. */
function unusableCells(usable: Uint8Array, pupil: (column: number) => Point, iris: (column: number) => Point): string {
  const at = (column: number, share: number): Point => {
    const [x0, y0] = pupil(column % COLUMNS);
    const [x1, y1] = iris(column % COLUMNS);
    return [x0 + share * (x1 - x0), y0 + share * (y1 - y0)];
  };
  let path = "";
  for (let row = 0; row < BANDS; row++) {
    for (let start = 0; start < COLUMNS; start++) {
      let end = start;
      while (end < COLUMNS && usable[row * COLUMNS + end] === 0) end++;
      if (end === start) continue;
      const columns = Array.from({ length: end - start + 1 }, (_, i) => start + i);
      const inner = FIRST + (SPAN * row) / BANDS;
      const outer = inner + SPAN / BANDS;
      path += `${line([...columns.map((c) => at(c, inner)), ...columns.reverse().map((c) => at(c, outer))])}Z`;
      start = end;
    }
  }
  return path;
}

/** Planes of 256 words of 16 bits, a bit a band, one below the other. */
function codePixels(code: Uint8Array, planes: number): Uint8Array {
  const pixels = new Uint8Array(COLUMNS * planes * 16);
  for (let plane = 0; plane < planes; plane++) {
    for (let band = 0; band < 16; band++) {
      for (let column = 0; column < COLUMNS; column++) {
        const byte = code[(plane * COLUMNS + column) * 2 + (band >> 3)]!;
        pixels[(plane * 16 + band) * COLUMNS + column] = (byte >> (band & 7)) & 1 ? 255 : 0;
      }
    }
  }
  return pixels;
}

/** Grey pixels as an SVG image at (x, y), `scale` times as large. */
export async function imageElement(
  pixels: Uint8Array,
  width: number,
  height: number,
  x: number,
  y: number,
  scale: number,
): Promise<string> {
  const png = await sharp(pixels, { raw: { width, height, channels: 1 } })
    .toColourspace("b-w")
    .png()
    .toBuffer();
  return `<image x="${x}" y="${y}" width="${width * scale}" height="${height * scale}" style="image-rendering:pixelated" href="data:image/png;base64,${png.toString("base64")}"/>`;
}
