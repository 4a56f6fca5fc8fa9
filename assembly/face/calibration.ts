// A unit's calibration: 16 f32, little-endian, for one size of picture. The camera is at the origin, X right, Y down, Z forward, millimetres;
// pixel centres have whole coordinates. Two rows of the projector's matrix say which phase it throws at a point: (a . P) / (b . P) with
// P = (X, Y, Z, 1) (mono camera-projector model: Feng et al. 2021, "Calibration of fringe projection profilometry", section 4).
// A sensor that gives depth has zeros for a and b.

export const CALIBRATION_BYTES: i32 = 64;
/** Offsets. Focal lengths and principal point, pixels; k1, k2 radial distortion of normalised coordinates (Brown); distances, mm. */
export const FX: usize = 0;
export const FY: usize = 4;
export const CX: usize = 8;
export const CY: usize = 12;
export const K1: usize = 16;
export const K2: usize = 20;
export const A: usize = 24;
export const B: usize = 40;
export const NEAREST: usize = 56;
export const FARTHEST: usize = 60;

/** What is wrong with a calibration; words in host/calibration/faults.ts. */
export const FAULT_NONE: i32 = 0;
export const FAULT_NOT_FINITE: i32 = 1;
export const FAULT_FOCAL_LENGTH: i32 = 2;
export const FAULT_PRINCIPAL_POINT: i32 = 3;
export const FAULT_DISTORTION: i32 = 4;
export const FAULT_DISTANCES: i32 = 5;
export const FAULT_PROJECTOR: i32 = 6;

/** What a millimetre on the ray (x, y, 1) adds to a . P or b . P. */
export function along(calibration: usize, offset: usize, x: f32, y: f32): f32 {
  const p = calibration + offset;
  return load<f32>(p) * x + load<f32>(p, 4) * y + load<f32>(p, 8);
}

/** a . P or b . P of the point `z` mm away on that ray. */
function at(calibration: usize, offset: usize, x: f32, y: f32, z: f32): f32 {
  return z * along(calibration, offset, x, y) + load<f32>(calibration + offset, 12);
}

/** Whether the projector's rows make sense at an angle of view: a phase that is finite and goes one way from the nearest to the farthest. */
function projectorFault(calibration: usize, x: f32, y: f32, range: f32): bool {
  const near = load<f32>(calibration, NEAREST);
  const far = load<f32>(calibration, FARTHEST);
  const below = at(calibration, B, x, y, near);
  const beyond = at(calibration, B, x, y, far);
  if (below * beyond <= 0) return true;
  const first = at(calibration, A, x, y, near) / below;
  const last = at(calibration, A, x, y, far) / beyond;
  // A hundredth of a radian over the whole depth could not be told from noise; half the range beside it is another projector's.
  if (!(abs(last - first) > 0.01)) return true;
  return max<f32>(first, last) < -0.5 * range || min<f32>(first, last) > 1.5 * range;
}

/** Whether a calibration can be one for width x height pixels, and a projector of `fringes` fringes (0: a sensor that gives depth). Returns 0 or a FAULT. */
export function calibrationFault(calibration: usize, width: i32, height: i32, fringes: i32): i32 {
  for (let p: usize = 0; p < (CALIBRATION_BYTES as usize); p += 4)
    if (!(abs(load<f32>(calibration + p)) <= 1e9)) return FAULT_NOT_FINITE;
  const fx = load<f32>(calibration, FX);
  const fy = load<f32>(calibration, FY);
  const w = width as f32;
  const h = height as f32;
  const longer = max<f32>(w, h);
  if (fx < 0.25 * longer || fx > 20 * longer || abs(fy - fx) > 0.25 * fx) return FAULT_FOCAL_LENGTH;
  const cx = load<f32>(calibration, CX);
  const cy = load<f32>(calibration, CY);
  if (cx < 0 || cy < 0 || cx > w - 1 || cy > h - 1) return FAULT_PRINCIPAL_POINT;
  // At the farthest corner the picture must still grow outwards.
  const x = max<f32>(cx, w - 1 - cx) / fx;
  const y = max<f32>(cy, h - 1 - cy) / fy;
  const square = x * x + y * y;
  const k1 = load<f32>(calibration, K1);
  const k2 = load<f32>(calibration, K2);
  const grown: f32 = k1 * square + k2 * square * square;
  const slope: f32 = 1 + square * (3 * k1 + 5 * k2 * square);
  if (abs(grown) > 0.5 || slope < 0.1) return FAULT_DISTORTION;
  const near = load<f32>(calibration, NEAREST);
  const far = load<f32>(calibration, FARTHEST);
  if (near < 10 || far > 6500 || near >= far) return FAULT_DISTANCES;
  if (!fringes) return FAULT_NONE;
  const range: f32 = 6.2831853 * (fringes as f32);
  const left = -cx / fx;
  const right = (w - 1 - cx) / fx;
  const top = -cy / fy;
  const bottom = (h - 1 - cy) / fy;
  if (projectorFault(calibration, 0, 0, range)) return FAULT_PROJECTOR;
  if (projectorFault(calibration, left, top, 4 * range) || projectorFault(calibration, right, top, 4 * range))
    return FAULT_PROJECTOR;
  const low = projectorFault(calibration, left, bottom, 4 * range);
  return low || projectorFault(calibration, right, bottom, 4 * range) ? FAULT_PROJECTOR : FAULT_NONE;
}
