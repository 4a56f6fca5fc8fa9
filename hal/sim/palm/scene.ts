// The light that reaches the image sensor from each pixel's direction: two LEDs and the ambient light on whatever is presented, the dark
// room behind it, the pulse, the lens's falling off, and the guide's window where there is one.
import type { Region } from "../../driver.ts";
import type { Presentation } from "./presentation.ts";
import type { Patch, Surface } from "./surface.ts";
import { look, REGION_VIEWS, type Seen, type View } from "./view.ts";

/** Drive of the two bands' LEDs against the intended level. */
export interface Light {
  readonly at850: number;
  readonly at940: number;
}

/** A surface and how it is seen; the first that covers a pixel hides the others. */
export interface Piece {
  readonly surface: Surface;
  readonly view: View;
}

/** Grey level of a fully reflecting surface under one band's LEDs, at the intended distance and drive. */
const GREY = 262;
/** What a dark room gives back of the LEDs and of the ambient light. */
const ROOM_LED = 3.5;
const ROOM_AMBIENT = 0.35;
/** Depth of the pulse: blood takes more light at the beat, by well under 1 %, and more at 940 nm than at 850. */
const BEAT = { at850: 0.0025, at940: 0.004 } as const;

/** The heart's beat at a moment, about -1..1: a quick rise and a notch. */
export function beat({ pulse, pulsePhase }: Presentation, seconds: number): number {
  const t = 2 * Math.PI * pulse * seconds + pulsePhase;
  return 0.75 * Math.sin(t) + 0.3 * Math.sin(2 * t + 0.8);
}

/** How an LED lights a place of the frame, mm from the middle: less far from its centre. */
function lit(x: number, y: number, led: readonly [number, number], reach: number): number {
  const r = ((x - led[0]) ** 2 + (y - led[1]) ** 2) / (reach * reach);
  return 1 / (1 + r);
}

/** Share of a pixel that is open in the guide's window, and the shadow of its rim. x and y as shares of width and height from the middle. */
function open(x: number, y: number, aspect: number): number {
  const corner = 0.09;
  const dx = Math.max(0, Math.abs(x) * aspect - (0.445 * aspect - corner));
  const dy = Math.max(0, Math.abs(y) - (0.43 - corner));
  const inside = corner - Math.sqrt(dx * dx + dy * dy);
  const edge = Math.min(1, Math.max(0, inside / 0.02 + 0.5));
  return edge * edge * (3 - 2 * edge) * (1 - 0.45 * Math.exp(-Math.max(0, inside) / 0.05));
}

/** Linear light of one picture, row-major, in grey levels of a well exposed frame. @param beating as `beat` gives it */
export function shade(
  pieces: readonly Piece[],
  p: Presentation,
  region: Region,
  light: Light,
  beating: number,
  width: number,
  height: number,
): Float32Array {
  const { distance, high_mm } = REGION_VIEWS[region];
  const pitch = high_mm / height;
  const reach = 0.75 * distance;
  const picture = new Float32Array(width * height);
  const seen: Seen = { x: 0, y: 0, slopeX: 0, slopeY: 0, light: 1 };
  const patch: Patch = { cover: 0, at850: 0, at940: 0, slopeX: 0, slopeY: 0 };
  const fromX = Math.cos(p.ambientFrom);
  const fromY = Math.sin(p.ambientFrom);
  for (let py = 0; py < height; py++) {
    for (let px = 0; px < width; px++) {
      const x = (px - width / 2) * pitch;
      const y = (py - height / 2) * pitch;
      const led850 = light.at850 * lit(x, y, p.led850, reach);
      const led940 = light.at940 * lit(x, y, p.led940, reach);
      const ambient = p.ambient * (1 + (0.3 * (x * fromX + y * fromY)) / high_mm);
      let value = ROOM_LED * (led850 + led940) + ROOM_AMBIENT * ambient;
      for (let k = pieces.length - 1; k >= 0; k--) {
        const { surface, view } = pieces[k]!;
        look(view, px, py, seen);
        patch.cover = 0;
        surface.read(seen.x, seen.y, view.pitch / view.scale, patch);
        if (patch.cover === 0) continue;
        const turnX = seen.slopeX + patch.slopeX * view.mirror;
        const turnY = seen.slopeY + patch.slopeY;
        const near850 = 1 + 0.5 * ((turnX * (p.led850[0] - x) + turnY * (p.led850[1] - y)) / distance);
        const near940 = 1 + 0.5 * ((turnX * (p.led940[0] - x) + turnY * (p.led940[1] - y)) / distance);
        const lean = Math.min(1.4, Math.max(0.3, 1 + 0.25 * (turnX * fromX + turnY * fromY)));
        const live = surface.live ? beating : 0;
        const back850 = patch.at850 * (1 - BEAT.at850 * live) * Math.max(0.2, near850) * seen.light * led850;
        const back940 = patch.at940 * (1 - BEAT.at940 * live) * Math.max(0.2, near940) * seen.light * led940;
        const back = GREY * (back850 + back940) + (ambient * lean * (patch.at850 + patch.at940)) / 1.2;
        value += patch.cover * (back - value);
      }
      const r2 = (x * x + y * y) / (high_mm * high_mm);
      value *= 1 - 0.22 * r2;
      if (region === "window") value = 3 + (value - 3) * open(px / width - 0.5, py / height - 0.5, width / height);
      picture[py * width + px] = value;
    }
  }
  return picture;
}
