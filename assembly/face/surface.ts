// Surfaces in the canonical frame: maps of 52 x 60 cells of 2.5 mm, f32, of what stands out towards the camera (mm, the tip of the mean nose is
// 0). x runs to the right, y upwards; cell (0, 0) lies at (LEFT, BOTTOM). Row after row, so that cell (i, j) is number j * COLUMNS + i.

export const COLUMNS: i32 = 52;
export const ROWS: i32 = 60;
export const CELLS: i32 = COLUMNS * ROWS;
/** Millimetres from cell to cell. */
export const PITCH: f32 = 2.5;
export const LEFT: f32 = -63.75;
export const BOTTOM: f32 = -63.75;
/** Bytes of a map of f32. */
export const MAP_BYTES: i32 = 4 * CELLS;
const ROW_BYTES: usize = (4 * COLUMNS) as usize;

/** One pass of [share, 1 - 2 share, share] along lines of `count` values that lie `step` bytes apart; the ends repeat. */
function pass(line: usize, count: i32, step: usize, share: f32): void {
  let before = load<f32>(line);
  let here = before;
  for (let i = 1; i < count; i++, line += step) {
    const after = load<f32>(line + step);
    store<f32>(line, here + share * (before + after - 2 * here));
    before = here;
    here = after;
  }
  store<f32>(line, here + share * (before - here));
}

/** Smooths a map in place; each of the `passes` widens by sqrt(2 share) cells, in both directions. */
export function smooth(map: usize, share: f32, passes: i32): void {
  for (let n = 0; n < passes; n++) {
    for (let j: usize = 0; j < (ROWS as usize); j++) pass(map + j * ROW_BYTES, COLUMNS, 4, share);
    for (let i: usize = 0; i < (COLUMNS as usize); i++) pass(map + (i << 2), ROWS, ROW_BYTES, share);
  }
}

/** Where cell `n` lies, mm. */
export function xOf(n: i32): f32 {
  return LEFT + PITCH * ((n % COLUMNS) as f32);
}
export function yOf(n: i32): f32 {
  return BOTTOM + PITCH * ((n / COLUMNS) as f32);
}

/** Whether (x, y) lies in the ellipse about (0, cy) with these half axes, mm. */
export function inEllipse(x: f32, y: f32, a: f32, cy: f32, b: f32): bool {
  const u = x / a;
  const v = (y - cy) / b;
  return u * u + v * v < 1;
}
