// The region of interest as a square of SIDE x SIDE grey values, whatever its size and turn in the frame: each value is the mean of up
// to 4 x 4 points of its patch, so that the reduction does not alias. No levels are changed: the code compares grey values
// of one neighbourhood only, and three kinds of local normalisation made it worse.

/** Side of the normalised region, pixels. */
export const SIDE: i32 = 64;
/** Bytes of a region: f32 cx, cy, then the vectors to the middle of its right side (ux, uy) and of its lower side (vx, vy), frame pixels. */
export const REGION_BYTES: i32 = 24;

/** Points along a side of a patch, so that no pixel between them is left out up to 4 pixels. */
function pointsFor(region: usize): i32 {
  const long = max(
    max(abs(load<f32>(region, 8)), abs(load<f32>(region, 12))),
    max(abs(load<f32>(region, 16)), abs(load<f32>(region, 20))),
  );
  return max(1, min(4, Mathf.ceil((long * 2) / (SIDE as f32)) as i32));
}

/** 16.16 fixed point. */
function fixed(v: f32): i32 {
  return (v * 65_536) as i32;
}

/** Writes the region of a plane (8-bit grey, row-major, at most 4096 pixels a side) to `out`, SIDE x SIDE bytes; beyond the frame its edge goes on. */
export function normalize(plane: usize, width: i32, height: i32, region: usize, out: usize): void {
  const points = pointsFor(region);
  const grid = points * SIDE;
  const half: f32 = <f32>2 / (grid as f32);
  // Steps between points, and the first point.
  const ux = fixed(load<f32>(region, 8) * half);
  const uy = fixed(load<f32>(region, 12) * half);
  const vx = fixed(load<f32>(region, 16) * half);
  const vy = fixed(load<f32>(region, 20) * half);
  const middle: f32 = 0.5 * ((grid - 1) as f32);
  let rowX = fixed(load<f32>(region)) - ((middle * ((ux + vx) as f32)) as i32);
  let rowY = fixed(load<f32>(region, 4)) - ((middle * ((uy + vy) as f32)) as i32);
  const right = width - 1;
  const bottom = height - 1;
  const area = points * points;
  for (let j = 0; j < SIDE; j++) {
    for (let i = 0; i < SIDE; i++) {
      let x0 = rowX + i * points * ux;
      let y0 = rowY + i * points * uy;
      let sum = area >> 1;
      for (let b = 0; b < points; b++) {
        let x = x0;
        let y = y0;
        for (let a = 0; a < points; a++) {
          const at = min(max(y >> 16, 0), bottom) * width + min(max(x >> 16, 0), right);
          sum += load<u8>(plane + (at as usize)) as i32;
          x += ux;
          y += uy;
        }
        x0 += vx;
        y0 += vy;
      }
      store<u8>(out, (sum / area) as u8);
      out++;
    }
    rowX += points * vx;
    rowY += points * vy;
  }
}
