// `node build/js/scripts/bench-heads.js [--people N --presentations M --impostors K --seed S --pattern KIND --frames F --light L]`: accuracy on
// the project's own rendered heads, taken as a structured-light module takes them: pattern stacks, coded, decoded by the image. References are
// fused of F frames of one presentation, taken in a row; probes are one frame. L: the light's share of what it should be. Prints one JSON document.
// What such a figure says: pose, expression, noise and light as they are modelled (hal/sim/face), of people as the model makes them; a real
// population differs in ways that no parameter has.
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { PHASE_GRAY, PHASE_SHIFT } from "../hal/face/patterns.ts";
import { makeRandom } from "../hal/sim/eye/random.ts";
import { codedStack } from "../hal/sim/face/coded-stack.ts";
import { calibrationBlock, makeUnit, personOf } from "../hal/sim/face/render.ts";
import { presentationOf } from "../hal/sim/face/stack.ts";
import { loadImage } from "../host/evaluate/image.ts";
import { Lab } from "../host/evaluate/lab.ts";
import { accuracy } from "../host/evaluate/metrics.ts";
import { MODALITIES, reasonWord } from "../host/evaluate/modality.ts";
import { formOf } from "../host/form.ts";

interface Work {
  readonly people: number;
  readonly presentations: number;
  readonly kind: "phase-shift" | "phase-gray";
  readonly frames: number;
  readonly light: number;
  /** Of each sample, its first frame's; then of each, all of its frames' fused. */
  readonly templates: SharedArrayBuffer;
  readonly reasons: SharedArrayBuffer;
  readonly next: SharedArrayBuffer;
  readonly pairs: SharedArrayBuffer;
  readonly scores: SharedArrayBuffer;
}

const THREADS = 2;
const unit = makeUnit("BENCH");
const newLab = (kind: Work["kind"]): Lab =>
  new Lab(loadImage().module, MODALITIES.face.id, formOf({ kind }), calibrationBlock(unit));

if (isMainThread) await main();
else work(workerData as Work);

/** Takes samples, then pairs, until there are none; says when it passes from the one to the other. */
function work({ presentations, people, kind, frames, light, ...shared }: Work): void {
  const lab = newLab(kind);
  const next = new Int32Array(shared.next);
  const reasons = new Uint8Array(shared.reasons);
  const templates = new Uint8Array(shared.templates);
  const bytes = lab.templateBytes;
  const stack = kind === "phase-shift" ? PHASE_SHIFT : PHASE_GRAY;
  for (let i = Atomics.add(next, 0, 1); i < people * presentations; i = Atomics.add(next, 0, 1)) {
    const person = Math.floor(i / presentations);
    const wellLit = presentationOf(person, 1 + (i % presentations));
    const presentation = { ...wellLit, exposure: light * wellLit.exposure };
    for (let nth = 0, first = true; nth < frames; nth++) {
      const frame = codedStack(unit, personOf(person), presentation, stack, { nth });
      const reason = lab.extract(frame, unit.width, unit.height) ?? 255;
      if (nth === 0) {
        reasons[i] = reason;
        templates.set(lab.template(0), i * bytes);
      }
      if (reason !== 0) continue;
      if (!lab.fuse(first)) Atomics.add(next, 3, 1);
      first = false;
    }
    if (reasons[i] === 0) templates.set(lab.template(1), (people * presentations + i) * bytes);
  }
  Atomics.add(next, 2, 1);
  while (Atomics.load(next, 2) < THREADS) Atomics.wait(next, 2, Atomics.load(next, 2), 100);
  const pairs = new Int32Array(shared.pairs);
  const scores = new Int32Array(shared.scores);
  for (let i = Atomics.add(next, 1, 1); i < scores.length; i = Atomics.add(next, 1, 1)) {
    const [a, b] = [pairs[2 * i] as number, pairs[2 * i + 1] as number];
    scores[i] = -1; // a sample that failed matches nobody
    if (reasons[a] !== 0 || reasons[b] !== 0) continue;
    lab.template(1).set(templates.subarray(a * bytes, (a + 1) * bytes));
    const fused = people * presentations + b;
    lab.template(2).set(templates.subarray(fused * bytes, (fused + 1) * bytes));
    scores[i] = lab.compare(1, 2);
  }
  parentPort?.postMessage("done");
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      people: { type: "string", default: "200" },
      presentations: { type: "string", default: "6" },
      impostors: { type: "string", default: "60000" },
      seed: { type: "string", default: "1" },
      pattern: { type: "string", default: "phase-shift" },
      frames: { type: "string", default: "1" },
      light: { type: "string", default: "1" },
    },
  });
  const [people, presentations, impostors, seed, frames] = [
    values.people,
    values.presentations,
    values.impostors,
    values.seed,
    values.frames,
  ].map(Number) as [number, number, number, number, number];
  const kind = values.pattern;
  const light = Number(values.light);
  const whole = [people, presentations, impostors, seed, frames].every((n) => Number.isSafeInteger(n) && n > 0);
  if (!whole || !(light > 0) || people < 2 || (kind !== "phase-shift" && kind !== "phase-gray")) {
    console.error(
      "usage: bench-heads [--people N --presentations M --impostors K --seed S --pattern phase-shift|phase-gray --frames F --light L]",
    );
    process.exit(2);
  }
  const samples = people * presentations;
  const genuine: [number, number][] = [];
  for (let p = 0; p < people; p++)
    for (let a = 0; a < presentations; a++)
      for (let b = 0; b < a; b++) genuine.push([p * presentations + a, p * presentations + b]);
  const random = makeRandom(seed);
  const others: [number, number][] = Array.from({ length: impostors }, () => {
    const a = Math.floor(random.uniform(0, people));
    const b = (a + 1 + Math.floor(random.uniform(0, people - 1))) % people;
    const one = () => Math.floor(random.uniform(0, presentations));
    return [a * presentations + one(), b * presentations + one()];
  });
  const all = [...genuine, ...others];
  const bytes = newLab(kind).templateBytes;
  const data: Work = {
    people,
    presentations,
    kind,
    frames,
    light,
    templates: new SharedArrayBuffer(2 * samples * bytes),
    reasons: new SharedArrayBuffer(samples),
    next: new SharedArrayBuffer(16),
    pairs: new SharedArrayBuffer(8 * all.length),
    scores: new SharedArrayBuffer(4 * all.length),
  };
  new Int32Array(data.pairs).set(all.flat());
  await Promise.all(
    Array.from({ length: THREADS }, () => {
      const worker = new Worker(new URL(import.meta.url), { workerData: data });
      return new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
    }),
  );
  const scores = new Int32Array(data.scores);
  const failures: Record<string, number> = {};
  for (const reason of new Uint8Array(data.reasons))
    if (reason !== 0) failures[reasonWord(reason)] = (failures[reasonWord(reason)] ?? 0) + 1;
  const figures = accuracy(scores.slice(0, genuine.length), scores.slice(genuine.length));
  const { eer, at } = figures;
  const sorted = scores.slice(0, genuine.length).sort();
  const quantile = (share: number) => sorted[Math.floor(share * (sorted.length - 1))];
  console.log(
    JSON.stringify(
      {
        image_digest: loadImage().digest,
        pattern: kind,
        people,
        samples,
        frames,
        light,
        not_fused: new Int32Array(data.next)[3],
        failures,
        genuine: genuine.length,
        genuine_scores: { "1 %": quantile(0.01), "5 %": quantile(0.05), "25 %": quantile(0.25), "50 %": quantile(0.5) },
        impostor: others.length,
        eer,
        at,
      },
      null,
      1,
    ),
  );
}
