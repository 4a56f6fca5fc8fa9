// Palms drawn for tests of what is around the modality: a few dark lines on bright skin, their course grown from a person's number, so
// that nothing here belongs to anybody. They look like a cropped region, no more: for accuracy there are real captures.
import { uniform } from "../host/evaluate/pairs.ts";

export const SIDE = 128;
const LINES = 9;

/** A cropped palm of a person in a band (0 or 1), SIDE x SIDE, 8-bit grey; presentations differ in noise and brightness. */
export function palm(person: number, presentation = 0, band: 0 | 1 = 0): Uint8Array {
  const random = uniform(1000 * person + 17);
  const veins = new Float32Array(SIDE * SIDE);
  for (let line = 0; line < LINES; line++) draw(veins, random, 3 + 3 * random(), 60 + 40 * random());
  // In the second band another part of the vessels shows as well.
  const more = uniform(1000 * person + 18);
  if (band === 1) for (let line = 0; line < 3; line++) draw(veins, more, 3, 60);
  const noise = uniform(77 * presentation + person + band + 5);
  const light = 195 + 8 * noise();
  return Uint8Array.from(veins, (dark) => Math.max(0, Math.min(255, light - dark + 6 * (noise() - 0.5))));
}

/** Both bands of a capture as one frame. */
export function palmBands(person: number, presentation = 0): Uint8Array {
  return Buffer.concat([palm(person, presentation, 0), palm(person, presentation, 1)]);
}

/** Darkens along a line that bends as it goes. */
function draw(veins: Float32Array, random: () => number, width: number, depth: number): void {
  let [x, y] = [random() * SIDE, random() * SIDE];
  let angle = random() * 2 * Math.PI;
  for (let step = 0; step < 90; step++) {
    angle += 0.16 * (random() - 0.5);
    x += Math.cos(angle);
    y += Math.sin(angle);
    for (let dy = -8; dy <= 8; dy++) {
      for (let dx = -8; dx <= 8; dx++) {
        const [px, py] = [Math.round(x) + dx, Math.round(y) + dy];
        if (px < 0 || py < 0 || px >= SIDE || py >= SIDE) continue;
        const away = ((px - x) ** 2 + (py - y) ** 2) / (2 * width * width);
        const at = py * SIDE + px;
        veins[at] = Math.max(veins[at]!, depth * Math.exp(-away));
      }
    }
  }
}
