// What the image saw in a face, as a drawing: the face in the canonical frame, lit from above. The view is that of assembly/lab.ts.
import { imageElement } from "./draw-iris.ts";
import type { Lab } from "./lab.ts";

const VIEW_MAP = 0;
const COLUMNS = 52;
const ROWS = 60;
const PITCH_MM = 2.5;
const SCALE = 6;
/** Below it, a cell has no value. */
const NONE = -9000;

/** SVG of the view of the lab's last extraction, to stand to the right of the frame. */
export async function drawFace(lab: Lab): Promise<{ over: string; beside: string; besideWidth: number }> {
  const besideWidth = COLUMNS * SCALE;
  const bytes = lab.view(VIEW_MAP).slice();
  if (bytes.length === 0) return { over: "", beside: "", besideWidth };
  const map = new Float32Array(bytes.buffer);
  const shaded = shade(map);
  const beside = `<text x="0" y="13">face, laid on the mean face</text>${await imageElement(shaded, COLUMNS, ROWS, 0, 18, SCALE)}`;
  for (const secret of [map, shaded]) secret.fill(0);
  return { over: "", beside, besideWidth };
}

/** The surface lit from above, a byte a cell, rows from above. */
function shade(map: Float32Array): Uint8Array {
  return Uint8Array.from({ length: COLUMNS * ROWS }, (_, i) => {
    const [x, y] = [i % COLUMNS, ROWS - 1 - Math.floor(i / COLUMNS)];
    const at = (dx: number, dy: number) => map[(y + dy) * COLUMNS + x + dx] ?? NONE;
    const around = [at(-1, 0), at(1, 0), at(0, -1), at(0, 1)] as const;
    if (x === 0 || x === COLUMNS - 1 || Math.min(...around) < NONE) return 0;
    const [gx, gy] = [(around[1] - around[0]) / (2 * PITCH_MM), (around[3] - around[2]) / (2 * PITCH_MM)];
    return Math.max(0, Math.min(255, (150 * (1 - 0.4 * gx + 0.5 * gy)) / Math.sqrt(1 + gx * gx + gy * gy)));
  });
}
