// The detection error trade-off curve on normal-deviate axes (Martin et al., "The DET curve", Eurospeech 1997; ISO/IEC 19795-1).
import type { Accuracy } from "./metrics.ts";
import { type Frame, plot } from "./svg.ts";

const FRAME: Frame = { width: 720, height: 560, left: 78, top: 44, right: 20, bottom: 52 };
const TICKS = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.05, 0.2, 0.4];
const LABELS = ["0.0001 %", "0.001 %", "0.01 %", "0.1 %", "1 %", "5 %", "20 %", "40 %"];

/** FNMR over FMR, both on normal-deviate axes, from 1e-6 (or below one error of what was compared) to 40 %. */
export function detPlot(accuracy: Accuracy, title: string): string {
  const lowX = axisStart(1 / accuracy.impostor);
  const lowY = axisStart(1 / accuracy.genuine);
  const x = axis(lowX);
  const y = axis(lowY);
  const px = (rate: number) => FRAME.left + x(rate) * (FRAME.width - FRAME.left - FRAME.right);
  const py = (rate: number) => FRAME.height - FRAME.bottom - y(rate) * (FRAME.height - FRAME.top - FRAME.bottom);
  const points: string[] = [];
  let lastFmr = Number.NaN;
  let lastFnmr = Number.NaN;
  const { fmr, fnmr } = accuracy.det;
  for (let i = 0; i < fmr.length; i++) {
    // A step: first along FMR, then down; what cannot be seen on this scale is left out.
    const at = `${px(fmr[i]!).toFixed(1)},${py(fnmr[i]!).toFixed(1)}`;
    if (at === points.at(-1)) continue;
    if (fmr[i] !== lastFmr && fnmr[i] !== lastFnmr && points.length > 0)
      points.push(`${px(fmr[i]!).toFixed(1)},${py(lastFnmr).toFixed(1)}`);
    points.push(at);
    lastFmr = fmr[i]!;
    lastFnmr = fnmr[i]!;
  }
  const diagonal = Math.max(lowX, lowY);
  const eer = Math.min(Math.max(accuracy.eer, diagonal), 0.4);
  const content = `<clipPath id="area"><rect x="${FRAME.left}" y="${FRAME.top}" width="${FRAME.width - FRAME.left - FRAME.right}" height="${FRAME.height - FRAME.top - FRAME.bottom}"/></clipPath>
<g clip-path="url(#area)" fill="none"><path d="M${px(diagonal)},${py(diagonal)}L${px(0.4)},${py(0.4)}" stroke="#999" stroke-dasharray="4 4"/>
<path d="M${points.join("L")}" stroke="#0b68cb" stroke-width="1.8"/></g>
<circle cx="${px(eer).toFixed(1)}" cy="${py(eer).toFixed(1)}" r="4" fill="#d6409f"/>
<text x="${(px(eer) + 10).toFixed(1)}" y="${(py(eer) - 8).toFixed(1)}">EER ${(accuracy.eer * 100).toPrecision(3)} %</text>`;
  const ticks = (low: number, map: (rate: number) => number) =>
    TICKS.map((rate, i) => ({ rate, at: map(rate), label: LABELS[i]! })).filter(({ rate }) => rate >= low);
  return plot(
    FRAME,
    title,
    { title: "false match rate", ticks: ticks(lowX, x) },
    { title: "false non-match rate", ticks: ticks(lowY, y) },
    content,
  );
}

/** The tick below one error. */
function axisStart(oneError: number): number {
  return TICKS.findLast((tick) => tick < oneError && tick <= 1e-2) ?? TICKS[0]!;
}

/** Position 0..1 of a rate between `low` and 40 %; rates outside (0 above all) are drawn at the edge beyond it. */
function axis(low: number): (rate: number) => number {
  const from = normalDeviate(low);
  const to = normalDeviate(0.4);
  return (rate) =>
    Math.min(1.5, Math.max(-0.02, (normalDeviate(Math.min(0.999, Math.max(low / 2, rate))) - from) / (to - from)));
}

/** The p-quantile of the standard normal distribution: Acklam's rational approximation, relative error below 1.2e-9. */
export function normalDeviate(p: number): number {
  const poly = (coefficients: readonly number[], x: number) => coefficients.reduce((sum, c) => sum * x + c, 0);
  const TAIL_UP = [
    -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ];
  const TAIL_DOWN = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1];
  const MID_UP = [
    -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
    2.506628277459239,
  ];
  const MID_DOWN = [
    -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1,
  ];
  const tail = 0.02425;
  if (p < tail) return poly(TAIL_UP, Math.sqrt(-2 * Math.log(p))) / poly(TAIL_DOWN, Math.sqrt(-2 * Math.log(p)));
  if (p > 1 - tail) return -normalDeviate(1 - p);
  const q = p - 0.5;
  return (q * poly(MID_UP, q * q)) / poly(MID_DOWN, q * q);
}
