// How genuine and impostor scores are distributed, each as a share of its own comparisons.
import { type Frame, plot } from "./svg.ts";

const FRAME: Frame = { width: 720, height: 360, left: 78, top: 44, right: 20, bottom: 52 };
const BINS = 200;

/** Two outlines over the range of the scores; comparisons without a score are left out, and counted below the axis. */
export function histogramPlot(genuine: Int32Array, impostor: Int32Array, title: string): string {
  const [from, to] = range(genuine, impostor);
  const curves = [shares(impostor, from, to), shares(genuine, from, to)];
  const highest = Math.max(...curves.flat());
  const px = (bin: number) => (FRAME.left + (bin / BINS) * (FRAME.width - FRAME.left - FRAME.right)).toFixed(1);
  const py = (share: number) =>
    (FRAME.height - FRAME.bottom - (share / highest) * (FRAME.height - FRAME.top - FRAME.bottom) * 0.94).toFixed(1);
  const colours = ["#d6409f", "#0b68cb"];
  const content = curves
    .map((curve, i) => {
      const steps = curve.map((share, bin) => `V${py(share)}H${px(bin + 1)}`).join("");
      return `<path d="M${px(0)},${py(0)}${steps}V${py(0)}Z" fill="${colours[i]}" fill-opacity="0.25" stroke="${colours[i]}"/>`;
    })
    .join("");
  const unscored = [genuine, impostor].reduce((sum, scores) => sum + scores.filter((score) => score < 0).length, 0);
  const legend = ["impostor", "genuine"]
    .map(
      (name, i) =>
        `<rect x="${FRAME.width - 190 + i * 90}" y="${FRAME.top + 10}" width="11" height="11" fill="${colours[i]}"/><text x="${FRAME.width - 174 + i * 90}" y="${FRAME.top + 20}">${name}</text>`,
    )
    .join("");
  const ticks = niceTicks(from, to).map((value) => ({
    at: (value - from) / (to - from),
    label: value.toLocaleString("en"),
  }));
  const x = {
    title: `comparison score (0 to 1,000,000, higher is more alike)${unscored > 0 ? `; ${unscored} comparisons have none` : ""}`,
    ticks,
  };
  const percent = (at: number) => ({ at, label: `${((highest * at * 100) / 0.94).toPrecision(2)} %` });
  return plot(
    FRAME,
    title,
    x,
    { title: "share of comparisons", ticks: [percent(0.25), percent(0.5), percent(0.75)] },
    content + legend,
  );
}

/** The range of all scores there are, at least 10 wide. */
function range(...lists: Int32Array[]): [number, number] {
  let low = 1_000_000;
  let high = 0;
  for (const list of lists) {
    for (const score of list) {
      if (score < 0) continue;
      low = Math.min(low, score);
      high = Math.max(high, score);
    }
  }
  return high - low < 10 ? [Math.min(low, high), Math.min(low, high) + 10] : [low, high];
}

function shares(scores: Int32Array, from: number, to: number): number[] {
  const bins = new Array<number>(BINS).fill(0);
  for (const score of scores) {
    if (score >= 0) bins[Math.min(BINS - 1, Math.floor(((score - from) / (to - from)) * BINS))]!++;
  }
  return bins.map((n) => n / scores.length);
}

/** Round values within the range, some five of them. */
function niceTicks(from: number, to: number): number[] {
  const rough = (to - from) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough)!;
  const ticks: number[] = [];
  for (let value = Math.ceil(from / step) * step; value <= to; value += step) ticks.push(value);
  return ticks;
}
