// Cosine and sine at the 128 angles 2*pi*i/128 that every closed contour uses: a table of 1 KB filled once, by rotating a unit
// vector in f64 (64-bit IEEE arithmetic is the same on every engine) so that no trigonometric code is needed in the image.

/** Angles on a closed contour. */
export const RAYS: i32 = 128;

const TABLE: usize = memory.data(1024, 4);
const STEP_COS: f64 = 0.9987954562051724; // cos(2*pi/128)
const STEP_SIN: f64 = 0.049067674327418015; // sin(2*pi/128)

let ready: bool = false;

/** Fills the table; cheap when it is filled. Call before `cosine` and `sine`. */
export function prepareTrig(): void {
  if (ready) return;
  let c: f64 = 1;
  let s: f64 = 0;
  for (let i: usize = 0; i < 128; i++) {
    store<f32>(TABLE + (i << 2), c as f32);
    store<f32>(TABLE + (i << 2), s as f32, 512);
    let t = c * STEP_COS - s * STEP_SIN;
    s = c * STEP_SIN + s * STEP_COS;
    c = t;
  }
  ready = true;
}

/** cos(2*pi*i/128); any i, negative too. */
// @ts-ignore: decorator
@inline
export function cosine(i: i32): f32 {
  return load<f32>(TABLE + (((i & 127) as usize) << 2));
}

/** sin(2*pi*i/128); any i, negative too. */
// @ts-ignore: decorator
@inline
export function sine(i: i32): f32 {
  return load<f32>(TABLE + (((i & 127) as usize) << 2), 512);
}
