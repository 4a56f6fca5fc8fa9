// A closed contour as a short Fourier series r(t) = a0 + sum(ak cos kt + bk sin kt), fitted robustly: weighted least squares with
// a ridge, reweighted by w/(1 + (e/tol)^4) so that rays that found something else (a lid, a lash) lose their vote.
import { cosine, RAYS, sine } from "./trig";

const TERMS: i32 = 5;
const SYSTEM: usize = memory.data(5 * 6 * 4, 4);
/** Coefficients of the last fit: a0, a1, b1, a2, b2 (f32). */
export const SERIES: usize = memory.data(5 * 4, 4);
const BASIS: usize = memory.data(5 * 4, 4);

// @ts-ignore: decorator
@inline
function basis(i: i32): void {
  store<f32>(BASIS, 1, 0);
  store<f32>(BASIS, cosine(i), 4);
  store<f32>(BASIS, sine(i), 8);
  store<f32>(BASIS, cosine(2 * i), 12);
  store<f32>(BASIS, sine(2 * i), 16);
}

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

/** Gaussian elimination of the `n` x (n+1) system; the ridge keeps every pivot positive. */
function solve(n: i32): void {
  for (let i = 0; i < n; i++) {
    let pivot: f32 = 1 / load<f32>(cell(i, i));
    for (let r = i + 1; r < n; r++) {
      let f = load<f32>(cell(r, i)) * pivot;
      for (let c = i; c <= n; c++) store<f32>(cell(r, c), load<f32>(cell(r, c)) - f * load<f32>(cell(i, c)));
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    let v = load<f32>(cell(i, n));
    for (let c = i + 1; c < n; c++) v -= load<f32>(cell(i, c)) * load<f32>(SERIES + ((c as usize) << 2));
    store<f32>(SERIES + ((i as usize) << 2), v / load<f32>(cell(i, i)));
  }
}

/**
 * Fits RAYS radii (f32) with RAYS weights (f32, 0 = no vote), of `order` 1 or 2, in `rounds` reweightings at tolerance `tol` px.
 * The result is in SERIES. Returns the weighted mean of |error| at the end, px.
 */
export function fitSeries(radii: usize, weights: usize, order: i32, tol: f32, rounds: i32): f32 {
  let n = 1 + 2 * order;
  memory.fill(SERIES, 0, (TERMS * 4) as usize);
  let residual: f32 = 0;
  for (let round = 0; round <= rounds; round++) {
    memory.fill(SYSTEM, 0, 5 * 6 * 4);
    let weight: f32 = 0;
    residual = 0;
    for (let i = 0; i < RAYS; i++) {
      let r = load<f32>(radii + ((i as usize) << 2));
      let w = load<f32>(weights + ((i as usize) << 2));
      if (round > 0) {
        let e = r - seriesAt(i);
        let q = e / tol;
        q *= q;
        w /= 1 + q * q;
        residual += w * abs(e);
      }
      weight += w;
      basis(i);
      for (let a = 0; a < n; a++) {
        let wb = w * load<f32>(BASIS + ((a as usize) << 2));
        for (let b = a; b < n; b++) {
          store<f32>(cell(a, b), load<f32>(cell(a, b)) + wb * load<f32>(BASIS + ((b as usize) << 2)));
        }
        store<f32>(cell(a, n), load<f32>(cell(a, n)) + wb * r);
      }
    }
    for (let a = 0; a < n; a++) {
      let ridge: f32 = a == 0 ? 1e-6 : a < 3 ? 0.5 : 4;
      store<f32>(cell(a, a), load<f32>(cell(a, a)) + ridge);
      for (let b = 0; b < a; b++) store<f32>(cell(a, b), load<f32>(cell(b, a)));
    }
    solve(n);
    residual = weight > 0 ? residual / weight : 0;
  }
  return residual;
}
