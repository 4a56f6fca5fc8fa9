// The picture that `--debug` writes for a sample: the frame with what the image found in it, its maps, and its quality in words.
import sharp from "sharp";
import { drawFace } from "./draw-face.ts";
import { drawIris, imageElement } from "./draw-iris.ts";
import { drawPalm } from "./draw-palm.ts";
import type { Lab } from "./lab.ts";
import { type Modality, measureOf, reasonWord } from "./modality.ts";
import { writeWhole } from "./output.ts";
import { escapeXml } from "./svg.ts";

const MARGIN = 12;
/** The frame is drawn at least this wide. */
const FRAME_WIDTH = 640;
const LINE = 16;
/** Room for what stands beside the frame. */
const LEAST_HEIGHT = 520;
const DRAW = { iris: drawIris, palm: drawPalm, face: drawFace };

/** Writes the PNG `file`, for an extraction that the lab has just made; `frame` is the first plane. It shows the person's biometric characteristic: keep it as you keep the data set. */
export async function drawDebug(
  file: string,
  lab: Lab,
  modality: Modality,
  width: number,
  height: number,
  frame: Uint8Array,
  result: { readonly reason: number; readonly quality: Uint8Array; readonly ms: number },
): Promise<void> {
  const scale = Math.max(1, Math.ceil(FRAME_WIDTH / width));
  const { over, beside, besideWidth } = await DRAW[modality.name](lab, width, height);
  const lines = [
    result.reason === 0 ? "template extracted" : `no template: ${reasonWord(result.reason).replaceAll("_", " ")}`,
    ...modality.measures.map((name) => `${name.replaceAll("_", " ")} ${measureOf(result.quality, name) ?? "–"}`),
    `${width}x${height}, ${result.ms.toFixed(1)} ms`,
  ];
  const textTop = MARGIN + height * scale + LINE;
  const perColumn = Math.ceil(lines.length / 4);
  const text = lines
    .map(
      (line, i) =>
        `<text x="${MARGIN + Math.floor(i / perColumn) * 160}" y="${textTop + (i % perColumn) * LINE}">${escapeXml(line)}</text>`,
    )
    .join("");
  const total = [width * scale + besideWidth + 3 * MARGIN, Math.max(textTop + perColumn * LINE, LEAST_HEIGHT)];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${total[0]}" height="${total[1]}" font-family="sans-serif" font-size="12" fill="#ddd">
<rect width="100%" height="100%" fill="#18191b"/>${await imageElement(frame, width, height, MARGIN, MARGIN, scale)}
<g transform="translate(${MARGIN},${MARGIN}) scale(${scale})" stroke-width="${1 / scale + 0.3}">${over}</g>
<g transform="translate(${width * scale + 2 * MARGIN},${MARGIN})">${beside}</g>${text}</svg>`;
  await writeWhole(file, await sharp(Buffer.from(svg)).png().toBuffer());
}
