// A closed contour as a short Fourier series r(t) = a0 + sum(ak cos kt + bk sin kt), fitted robustly: weighted least squares with
// a ridge, reweighted by w/(1 + (e/tol)^4) so that rays that found something else (a lid, a lash) lose their vote.
import { cosine, RAYS, sine } from "./trig";

const TERMS: i32 = 5;
/** Upper triangle of the normal equations, then their right side: rows of TERMS + 1. */
const SYSTEM: usize = memory.data(5 * 6 * 4, 4);
const ROW: usize = 24;
/** Coefficients of the last fit: a0, a1, b1, a2, b2 (f32). */
export const SERIES: usize = memory.data(5 * 4, 4);

// @ts-ignore: decorator
@inline
function cell(row: i32, column: i32): usize {
  return SYSTEM + (((row * 6 + column) * 4) as usize);
}

/** Radius of the last fit at angle 2*pi*i/RAYS. */
export function seriesAt(i: i32): f32 {
  return (
    load<f32>(SERIES) +
    load<f32>(SERIES, 4) * cosine(i) +
    load<f32>(SERIES, 8) * sine(i) +
    load<f32>(SERIES, 12) * cosine(2 * i) +
    load<f32>(SERIES, 16) * sine(2 * i)
  );
}

/** Gaussian elimination of the first `n` equations; the ridge keeps every pivot positive. */
function solve(n: i32): void {
  for (let i = 0; i < n; i++) {
    let pivot: f32 = 1 / load<f32>(cell(i, i));
    for (let r = i + 1; r < n; r++) {
      let f = load<f32>(cell(i, r)) * pivot;
      for (let c = r; c <= TERMS; c++) store<f32>(cell(r, c), load<f32>(cell(r, c)) - f * load<f32>(cell(i, c)));
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    let v = load<f32>(cell(i, TERMS));
    for (let c = i + 1; c < n; c++) v -= load<f32>(cell(i, c)) * load<f32>(SERIES + ((c as usize) << 2));
    store<f32>(SERIES + ((i as usize) << 2), v / load<f32>(cell(i, i)));
  }
}

/**
 * Fits RAYS radii (f32) with RAYS weights (f32, 0 = no vote), of `order` 1 or 2, in `rounds` reweightings at tolerance `tol` px.
 * The result is in SERIES. Returns the weighted mean of |error| at the end, px.
 */
export function fitSeries(radii: usize, weights: usize, order: i32, tol: f32, rounds: i32): f32 {
  memory.fill(SERIES, 0, (TERMS * 4) as usize);
  let residual: f32 = 0;
  let sharp: f32 = 1 / tol;
  for (let round = 0; round <= rounds; round++) {
    // Products of cosines and sines are sums of others, so that the moments up to twice the order make the whole system.
    let m0: f32 = 0, c1: f32 = 0, s1: f32 = 0, c2: f32 = 0, s2: f32 = 0, c3: f32 = 0, s3: f32 = 0, c4: f32 = 0, s4: f32 = 0;
    let y0: f32 = 0, yc1: f32 = 0, ys1: f32 = 0, yc2: f32 = 0, ys2: f32 = 0;
    let a0 = load<f32>(SERIES), a1 = load<f32>(SERIES, 4), b1 = load<f32>(SERIES, 8), a2 = load<f32>(SERIES, 12), b2 = load<f32>(SERIES, 16);
    residual = 0;
    for (let i = 0; i < RAYS; i++) {
      let o = (i as usize) << 2;
      let r = load<f32>(radii + o);
      let w = load<f32>(weights + o);
      let c = cosine(i);
      let s = sine(i);
      let cc = c * c - s * s;
      let ss: f32 = 2 * s * c;
      if (round > 0) {
        let e = abs(r - (a0 + a1 * c + b1 * s + a2 * cc + b2 * ss));
        let q = e * sharp;
        q *= q;
        w /= 1 + q * q;
        residual += w * e;
      }
      let v = w * r;
      m0 += w;
      c1 += w * c;
      s1 += w * s;
      c2 += w * cc;
      s2 += w * ss;
      y0 += v;
      yc1 += v * c;
      ys1 += v * s;
      if (order > 1) {
        yc2 += v * cc;
        ys2 += v * ss;
        c3 += w * (c * cc - s * ss);
        s3 += w * (s * cc + c * ss);
        c4 += w * (cc * cc - ss * ss);
        s4 += w * 2 * ss * cc;
      }
    }
    residual = m0 > 0 ? residual / m0 : 0;
    // The ridge: the mean is free, the ellipse is held back most.
    store<f32>(SYSTEM, m0 + 1e-6);
    store<f32>(SYSTEM, c1, 4);
    store<f32>(SYSTEM, s1, 8);
    store<f32>(SYSTEM, c2, 12);
    store<f32>(SYSTEM, s2, 16);
    store<f32>(SYSTEM, y0, 20);
    store<f32>(SYSTEM, 0.5 * (m0 + c2) + 0.5, ROW + 4);
    store<f32>(SYSTEM, 0.5 * s2, ROW + 8);
    store<f32>(SYSTEM, 0.5 * (c1 + c3), ROW + 12);
    store<f32>(SYSTEM, 0.5 * (s1 + s3), ROW + 16);
    store<f32>(SYSTEM, yc1, ROW + 20);
    store<f32>(SYSTEM, 0.5 * (m0 - c2) + 0.5, 2 * ROW + 8);
    store<f32>(SYSTEM, 0.5 * (s3 - s1), 2 * ROW + 12);
    store<f32>(SYSTEM, 0.5 * (c1 - c3), 2 * ROW + 16);
    store<f32>(SYSTEM, ys1, 2 * ROW + 20);
    store<f32>(SYSTEM, 0.5 * (m0 + c4) + 4, 3 * ROW + 12);
    store<f32>(SYSTEM, 0.5 * s4, 3 * ROW + 16);
    store<f32>(SYSTEM, yc2, 3 * ROW + 20);
    store<f32>(SYSTEM, 0.5 * (m0 - c4) + 4, 4 * ROW + 16);
    store<f32>(SYSTEM, ys2, 4 * ROW + 20);
    solve(1 + 2 * order);
  }
  return residual;
}
