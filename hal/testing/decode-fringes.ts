// A plain decoder of fringe stacks for tests: textbook phase shifting, Gray code and triangulation in double precision, with nothing
// in common with the device's code but the documents. See docs/sensor-protocol.md, "Patterns", for the signs.
import type { FringeStack } from "../driver.ts";

/** What a stack decodes to; arrays of width * height, NaN where there is no phase. */
export interface Decoded {
  /** Absolute phase of the finest fringe, radians. */
  readonly phase: Float64Array;
  /** Its amplitude (B) in grey levels. */
  readonly amplitude: Float64Array;
}

const LEAST_AMPLITUDE = 8;

/** Phase (0 to 2 pi) and amplitude of pictures that differ by a step each. */
function shifted(pictures: readonly Uint8Array[], i: number): [phase: number, amplitude: number] {
  let s = 0;
  let c = 0;
  for (const [k, picture] of pictures.entries()) {
    const a = (2 * Math.PI * k) / pictures.length;
    s += picture[i]! * Math.sin(a);
    c += picture[i]! * Math.cos(a);
  }
  return [Math.PI - Math.atan2(s, c), (2 * Math.hypot(s, c)) / pictures.length];
}

export function decodeFringes(pictures: readonly Uint8Array[], stack: FringeStack): Decoded {
  const size = (pictures[0] as Uint8Array).length;
  const phase = new Float64Array(size).fill(Number.NaN);
  const amplitude = new Float64Array(size);
  const { steps } = stack;
  const turn = 2 * Math.PI;
  for (let i = 0; i < size; i++) {
    if (stack.kind === "phase-gray") {
      const [fine, b] = shifted(pictures.slice(0, steps), i);
      amplitude[i] = b;
      if (b < LEAST_AMPLITUDE) continue;
      const mean = pictures.slice(0, steps).reduce((sum, p) => sum + p[i]!, 0) / steps;
      let word = 0;
      for (let k = 0, bit = 0; k < stack.bits; k++) {
        bit ^= pictures[steps + k]![i]! > mean ? 1 : 0;
        word = 2 * word + bit;
      }
      // Half periods count whole ones only away from where the code changes at the same place.
      const order = Math.abs(fine - Math.PI) < Math.PI / 2 ? word >> 1 : ((word + 1) >> 1) - (fine > Math.PI ? 1 : 0);
      phase[i] = fine + turn * order;
      continue;
    }
    let absolute = 0;
    let enough = true;
    for (const [k, periods] of stack.periods.entries()) {
      const [fine, b] = shifted(pictures.slice(k * steps, (k + 1) * steps), i);
      amplitude[i] = b;
      enough &&= b >= LEAST_AMPLITUDE;
      const expected = k === 0 ? fine : (absolute * periods) / stack.periods[k - 1]!;
      absolute = fine + turn * Math.round((expected - fine) / turn);
    }
    if (enough) phase[i] = absolute;
  }
  return { phase, amplitude };
}

/** Depth at each pixel in mm by a calibration block, and how much the phase changes with it there, radians a mm. */
export function triangulate(
  phase: Float64Array,
  width: number,
  block: Uint8Array,
): { depth: Float64Array; gradient: Float64Array } {
  const values = Array.from({ length: 16 }, (_, k) =>
    new DataView(block.buffer, block.byteOffset).getFloat32(4 * k, true),
  );
  const [fx, fy, cx, cy, k1, k2] = values as [number, number, number, number, number, number];
  const [a, b] = [values.slice(6, 10), values.slice(10, 14)] as [number[], number[]];
  const along = (row: number[], x: number, y: number): number => row[0]! * x + row[1]! * y + row[2]!;
  const depth = new Float64Array(phase.length);
  const gradient = new Float64Array(phase.length);
  for (let i = 0; i < phase.length; i++) {
    const u = ((i % width) - cx) / fx;
    const v = (Math.floor(i / width) - cy) / fy;
    let [x, y] = [u, v];
    for (let n = 0; n < 20; n++) {
      const r2 = x * x + y * y;
      const scale = 1 + k1 * r2 + k2 * r2 * r2;
      [x, y] = [u / scale, v / scale];
    }
    const p = phase[i]!;
    const [ar, br] = [along(a, x, y), along(b, x, y)];
    const z = (a[3]! - p * b[3]!) / (p * br - ar);
    depth[i] = z;
    const below = z * br + b[3]!;
    gradient[i] = Math.abs((ar * below - br * (z * ar + a[3]!)) / below ** 2);
  }
  return { depth, gradient };
}
