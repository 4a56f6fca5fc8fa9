// What the image saw in a palm, as a drawing: the region's outline over the frame, the region normalised, and the code. The views are those
// of assembly/lab.ts.
import { imageElement } from "./draw-iris.ts";
import type { Lab } from "./lab.ts";

const VIEW = { region: 0, normalised: 1, template: 2 } as const;
/** Side of the normalised region, and the drawing's scale of it. */
const SIDE = 64;
const SCALE = 4;
/** Bytes before the codes in a template. */
const HEAD_BYTES = 16;
/** Bits of the code in a row of the drawing. */
const CODE_COLUMNS = 128;
const CODE_SCALE = 2;

/** SVG of the views of the lab's last extraction, to stand at (0, 0) beside the frame: over it, and to its right. */
export async function drawPalm(lab: Lab): Promise<{ over: string; beside: string; besideWidth: number }> {
  const besideWidth = SIDE * SCALE;
  const region = lab.view(VIEW.region);
  if (region.length === 0) return { over: "", beside: "", besideWidth };
  const normalised = lab.view(VIEW.normalised).slice();
  const code = lab.view(VIEW.template).slice(HEAD_BYTES);
  const rows = Math.ceil((code.length * 8) / CODE_COLUMNS);
  const pixels = bits(code, rows * CODE_COLUMNS);
  const below = 18 + SIDE * SCALE + 8;
  const beside = [
    `<text x="0" y="13">region, normalised (first band)</text>`,
    await imageElement(normalised, SIDE, SIDE, 0, 18, SCALE),
    `<text x="0" y="${below + 13}">code (${code.length} bytes, a bit a point)</text>`,
    await imageElement(pixels, CODE_COLUMNS, rows, 0, below + 18, CODE_SCALE),
  ].join("");
  for (const secret of [normalised, code, pixels]) secret.fill(0);
  return { over: outline(new Float32Array(region.slice().buffer)), beside, besideWidth };
}

/** The region's sides; its upper one, towards the fingers, is drawn thicker. */
function outline(fields: Float32Array): string {
  const [cx = 0, cy = 0, ux = 0, uy = 0, vx = 0, vy = 0] = fields;
  const corner = (u: number, v: number): string =>
    `${(cx + u * ux + v * vx).toFixed(1)},${(cy + u * uy + v * vy).toFixed(1)}`;
  const [topLeft, topRight] = [corner(-1, -1), corner(1, -1)];
  return [
    `<path d="M${topLeft}L${topRight}L${corner(1, 1)}L${corner(-1, 1)}Z" fill="none" stroke="#46a758"/>`,
    `<path d="M${topLeft}L${topRight}" fill="none" stroke="#ffb224" stroke-width="2"/>`,
  ].join("");
}

/** The bits of `bytes`, least significant first, white where set; black behind them up to `count`. */
function bits(bytes: Uint8Array, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => ((bytes[i >> 3] ?? 0) >> (i & 7)) & 1 && 255);
}
