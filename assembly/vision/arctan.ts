// The direction of a point in turns: a polynomial in f32, so that every engine gives the same bits and no trigonometric code is needed.

/**
 * atan2(y, x) / (2 pi), from -0.5 to 0.5 turns; 0 at the origin. Error below 3e-7 turns. The polynomial is Hastings' (1955, "Approximations
 * for Digital Computers", sheet 11), in turns.
 */
// @ts-ignore: decorator
@inline
export function direction(y: f32, x: f32): f32 {
  const ax = abs(x);
  const ay = abs(y);
  const most = max<f32>(max<f32>(ax, ay), 1e-30);
  const t = min<f32>(ax, ay) / most;
  const u = t * t;
  let r: f32 =
    t *
    (0.1591513239 +
      u *
        (-0.0529386694 + u * (0.0308033984 + u * (-0.0185308669 + u * (0.0083800361 + u * -0.0018654869)))));
  if (ay > ax) r = 0.25 - r;
  if (x < 0) r = 0.5 - r;
  return y < 0 ? -r : r;
}
