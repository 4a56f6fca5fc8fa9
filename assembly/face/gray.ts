// The Gray code's pictures, a row at a time, in cells of 16 bits a pixel: above, four times the pixel's mean grey (10 bits); below, its code
// (6 bits), which tells the half fringes apart: either neighbour's number at a half fringe's edge leads to the same fringe (decode.ts).

/** Keeps four times the mean grey, which two opposite steps, 0 and 2, tell. */
export function meanRow(cells: usize, width: i32, step: i32, pixels: usize): void {
  const end = cells + ((width as usize) << 1);
  for (let p = cells; p < end; p += 2, pixels++)
    store<u16>(p, (step ? (load<u16>(p) as i32) : 0) + ((load<u8>(pixels) as i32) << 7));
}

/** Takes the bit that has `left` bits after it: set where the picture is brighter than the mean. */
export function codeRow(cells: usize, width: i32, left: i32, pixels: usize): void {
  const end = cells + ((width as usize) << 1);
  for (let p = cells; p < end; p += 2, pixels++) {
    const cell = load<u16>(p) as i32;
    store<u16>(p, cell | (((cell - ((load<u8>(pixels) as i32) << 8)) >>> 31) << left));
  }
}

/** Of every fourth pixel to be measured, how many are neither bright nor dark; 16 for each, since every fourth row is asked for. */
export function faintOnes(cells: usize, width: i32, amplitude: usize, flags: usize, pixels: usize): i32 {
  let faint = 0;
  for (let i: usize = 0; i < (width as usize); i += 4) {
    const above = ((load<u8>(pixels + i) as i32) << 2) - (load<u16>(cells + (i << 1)) >>> 6);
    if (abs(above) < (load<u8>(amplitude + i) as i32) && !load<u8>(flags + i)) faint += 16;
  }
  return faint;
}

/** When all bits are there: the half fringe's middle as a place within the whole range, 65,536 long. */
export function numberRow(cells: usize, width: i32, bits: i32): void {
  const end = cells + ((width as usize) << 1);
  for (let p = cells; p < end; p += 2) {
    let code = (load<u16>(p) as i32) & ((1 << bits) - 1);
    code ^= code >> 1;
    code ^= code >> 2;
    code ^= code >> 4;
    store<u16>(p, (code * 2 + 1) << (15 - bits));
  }
}
