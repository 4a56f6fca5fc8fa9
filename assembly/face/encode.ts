// The template of a face: how far its surface stands before or behind the mean face, in quarters of a millimetre, cell by cell.
//
// HEAD_BYTES of head: format 1 (u8), overall quality (u8, 0..100), zeros. Then FIELD cells (i8, ABSENT where there is none): those of the canonical map that `inField` holds, row after row from below.
import { NONE } from "./normalize";
import { CELLS, inEllipse, xOf, yOf } from "./surface";

export const HEAD_BYTES: i32 = 16;
/** Cells of the map in the field. */
export const FIELD: i32 = 1398;
export const TEMPLATE_BYTES: i32 = HEAD_BYTES + ((FIELD + 7) & ~7);
const FORMAT: u8 = 1;
/** No value. */
export const ABSENT: i32 = -128;
export const PER_MM: f32 = 4;

/** Whether cell `n` of the map is in the template: from the lips to the forehead, without the sides. */
export function inField(n: i32): bool {
  const y = yOf(n);
  return y > -30 && inEllipse(xOf(n), y, 50, 12, 62);
}

/** A residual of so many mm as a template has it. */
export function codeOf(mm: f32): i32 {
  return max<f32>(-127, min<f32>(127, nearest<f32>(PER_MM * mm))) as i32;
}

/** Writes the template (TEMPLATE_BYTES) of a canonical map (NONE where nothing is) beside the mean face. */
export function encode(map: usize, mean: usize, quality: u8, template: usize): void {
  memory.fill(template, 0, TEMPLATE_BYTES as usize);
  store<u8>(template, FORMAT);
  store<u8>(template, quality, 1);
  let p = template + (HEAD_BYTES as usize);
  for (let n = 0; n < CELLS; n++) {
    if (!inField(n)) continue;
    const at = (n as usize) << 2;
    const z = load<f32>(map + at);
    store<i8>(p++, (z == NONE ? ABSENT : codeOf(z - load<f32>(mean + at))) as i8);
  }
}

/** Writes the residuals of a template as a map (mm, 0 where there is none), and another with 1 where there is one, 0 elsewhere. */
export function decode(template: usize, map: usize, valid: usize): void {
  let p = template + (HEAD_BYTES as usize);
  for (let n = 0; n < CELLS; n++) {
    const at = (n as usize) << 2;
    const code = inField(n) ? (load<i8>(p++) as i32) : ABSENT;
    store<f32>(map + at, code == ABSENT ? 0 : (code as f32) / PER_MM);
    store<f32>(valid + at, code == ABSENT ? 0 : 1);
  }
}

/** The overall quality of the template's scan, 0..100. */
export function qualityOf(template: usize): f32 {
  return load<u8>(template, 1) as f32;
}
