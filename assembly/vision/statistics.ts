// Order statistics of 8-bit samples from a histogram of 256 counts: exact, in integers, without sorting.

/** 256 u32 counts; the caller fills them between `clearHistogram` and the questions. */
const COUNTS: usize = memory.data(1024, 4);
const DEVIATIONS: usize = memory.data(1024, 4);

/** Zeroes what the last samples left. Returns the bytes zeroed. */
export function wipeStatistics(): i32 {
  memory.fill(COUNTS, 0, 1024);
  memory.fill(DEVIATIONS, 0, 1024);
  return 2048;
}

export function clearHistogram(): void {
  memory.fill(COUNTS, 0, 1024);
}

// @ts-ignore: decorator
@inline
export function count(value: u32): void {
  let p = COUNTS + ((value as usize) << 2);
  store<u32>(p, load<u32>(p) + 1);
}

function rank(counts: usize, total: u32, permille: u32): i32 {
  let goal = ((total as u64) * (permille as u64)) / 1000;
  let seen: u64 = 0;
  for (let v: i32 = 0; v < 256; v++) {
    seen += load<u32>(counts + ((v as usize) << 2));
    if (seen > goal) return v;
  }
  return 255;
}

/** Samples counted. */
export function counted(): u32 {
  let total: u32 = 0;
  for (let v: usize = 0; v < 1024; v += 4) total += load<u32>(COUNTS + v);
  return total;
}

/** The value below which `permille` thousandths of the samples lie (500: the median); 255 when nothing was counted. */
export function percentile(permille: u32): i32 {
  return rank(COUNTS, counted(), permille);
}

let lower: i32 = 0;
let upper: i32 = 0;

/** Means of the two classes that `split` made, 0..255; an empty class has the dividing value's. */
export function lowerMean(): i32 {
  return lower;
}
export function upperMean(): i32 {
  return upper;
}

/**
 * Divides the samples into a dark and a bright class, half-way between the two classes' means (Ridler & Calvard 1978, "Picture thresholding
 * using an iterative selection method"; where it stops is where Otsu's criterion has no better neighbour, nearly).
 */
export function split(): void {
  let at = (percentile(10) + percentile(990) + 1) >> 1;
  for (let round = 0; round < 16; round++) {
    let n: u32 = 0;
    let sum: u32 = 0;
    let below: u32 = 0;
    let belowSum: u32 = 0;
    for (let v = 0; v < 256; v++) {
      const c = load<u32>(COUNTS + ((v as usize) << 2));
      n += c;
      sum += c * v;
      if (v >= at) continue;
      below = n;
      belowSum = sum;
    }
    lower = below ? belowSum / below : at;
    upper = n > below ? (sum - belowSum) / (n - below) : at;
    const next = (lower + upper + 1) >> 1;
    if (next == at) return;
    at = next;
  }
}

/** Median of |sample - centre|. */
export function medianDeviation(centre: i32): i32 {
  memory.fill(DEVIATIONS, 0, 1024);
  for (let v = 0; v < 256; v++) {
    let p = DEVIATIONS + ((abs(v - centre) as usize) << 2);
    store<u32>(p, load<u32>(p) + load<u32>(COUNTS + ((v as usize) << 2)));
  }
  return rank(DEVIATIONS, counted(), 500);
}

/** Shannon entropy of the counted values, bits (0..8). */
export function entropy(): f32 {
  let total = counted() as f32;
  let sum: f32 = 0;
  for (let v: usize = 0; v < 1024; v += 4) {
    let n = load<u32>(COUNTS + v) as f32;
    if (n > 0) sum += n * Mathf.log(n);
  }
  return total > 0 ? max<f32>(0, (Mathf.log(total) - sum / total) * 1.442695) : 0;
}
