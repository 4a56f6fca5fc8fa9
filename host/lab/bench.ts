// The numbers of a board, for `kanmon bench --board`: what the image takes on it, against what was to be reached (docs/benchmarks.md).
import { makeEye, makePresentation, renderEye } from "../../hal/sim/eye.ts";
import { type Image, loadImage } from "../evaluate/image.ts";
import { MODALITIES } from "../evaluate/modality.ts";
import type { Board, Engine } from "../firmware/board.ts";
import { buildFirmware } from "../firmware/build.ts";
import { startLab } from "./board.ts";
import { labCompare, labExtract } from "./lab.ts";
import type { LabLine } from "./line.ts";
import { labRelease, labSession } from "./session.ts";
import { labInV8 } from "./v8.ts";

/** A figure; `reach` is the most it should be. */
export interface BoardFigure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly reach?: number | undefined;
}

export interface BoardBench {
  readonly board: string;
  readonly engine: Engine;
  readonly image_digest: string;
  readonly figures: readonly BoardFigure[];
}

const [WIDTH, HEIGHT] = [320, 240];
const EYES = 5;
const REFERENCES = 100;
const SHA_BYTES = 65_536;
const IRIS = MODALITIES.iris.id;
/** Kernels of boards/port/lab-kernels.h. */
const NATIVE = { sha256: 0, fill: 1, pupils: 2 } as const;
/** Steps of an extraction that lab_step makes again, and what else it tells. */
const STEP = { fill: 0, pupils: 1, quarterPicture: 2 } as const;
/** Score, place and radius of eight discs. */
const DISC_BYTES = 8 * 16;
/** Most that compiled WebAssembly should take of what C takes. */
const RATIO_REACH = 1.5;
/** The goals: instructions on a Cortex-M7, bytes of memory. */
const REACH: Record<Engine, { extract: number; compare: number; identify: number; sha: number; ram: number }> = {
  wasm3: { extract: 1200e6, compare: 8e6, identify: 500e6, sha: 50e6, ram: 900_000 },
  aot: { extract: 60e6, compare: 0.6e6, identify: 40e6, sha: 4e6, ram: 600_000 },
};
const FLASH_REACH = 110_000;

export const BOARD_BENCH_STEPS = EYES + REFERENCES + 4;

/** Measures `engine` on `board`'s emulator; `onStep` is called after each of BOARD_BENCH_STEPS. Throws what building and starting throw. */
export async function benchBoard(board: Board, engine: Engine, onStep: () => void): Promise<BoardBench> {
  const image = loadImage();
  const journal = await enrolled(image, board, onStep);
  const { lab, unit, close } = await startLab(board, engine, image);
  try {
    onStep();
    const reach = unit === "instructions" ? REACH[engine] : undefined;
    const extraction = await extractions(lab, onStep);
    const [comparison = 0, score = 0] = await comparisons(lab, extraction.templates);
    if (score === 0) throw new Error("two pictures of one eye are not alike");
    onStep();
    const sha = await sha256(lab);
    const [fill, pupils] = await steps(lab);
    onStep();
    const memory = await lab.memory();
    const identify = await identification(lab, journal);
    onStep();
    const size = await sizes(board, engine);
    const ram = memory.linear + memory.poolPeak + memory.stack + size.data;
    const figures: BoardFigure[] = [
      {
        what: `iris: frame (${WIDTH}×${HEIGHT}) to template, median of ${EYES}`,
        value: extraction.median,
        unit,
        reach: reach?.extract,
      },
      { what: "iris: the same, most", value: extraction.most, unit },
      { what: "iris: one comparison with all shifts", value: comparison, unit, reach: reach?.compare },
      {
        what: `iris: identify among ${REFERENCES} references, all of finish`,
        value: identify,
        unit,
        reach: reach?.identify,
      },
      { what: "SHA-256 of 64 KB", value: sha.image, unit, reach: reach?.sha },
      { what: "SHA-256 of 64 KB, native C -O3", value: sha.native, unit },
      ...beside("filling bright spots", fill, unit, engine),
      ...beside("pupil search", pupils, unit, engine),
      { what: "RAM with the iris image", value: ram, unit: "bytes", reach: reach?.ram },
      { what: "  linear memory", value: memory.linear, unit: "bytes" },
      ...(engine === "wasm3"
        ? [{ what: "  pool: compiled form and wasm3's stack", value: memory.poolPeak, unit: "bytes" }]
        : []),
      { what: "  C stack", value: memory.stack, unit: "bytes" },
      { what: "    of it ever used", value: memory.stackPeak, unit: "bytes" },
      { what: "  data of the runner", value: size.data, unit: "bytes" },
      engine === "wasm3"
        ? { what: "flash of the runner, without images", value: size.code, unit: "bytes", reach: FLASH_REACH }
        : { what: "flash of the runner with the compiled image", value: size.code, unit: "bytes" },
    ];
    return { board: board.name, engine, image_digest: image.digest, figures };
  } finally {
    await close();
  }
}

const eye = (person: number, presentation: number): Uint8Array =>
  renderEye(makeEye(person, "right"), makePresentation(presentation), WIDTH, HEIGHT);

/** A journal with REFERENCES people, enrolled in V8 with the keys of the lab. */
async function enrolled(image: Image, board: Board, onStep: () => void): Promise<Uint8Array> {
  const lab = labInV8(image.bytes, board);
  await lab.begin(0n, 100);
  for (let person = 0; person < REFERENCES; person++) {
    const frames = [eye(person, person)]; // one sample each, as a board's journal holds 100 of them
    await labSession(lab, {
      purpose: "enroll",
      user: `user-${person}`,
      width: WIDTH,
      height: HEIGHT,
      frames,
      number: person,
    });
    await labRelease(lab, person + 1);
    onStep();
  }
  return lab.readJournal();
}

async function extractions(lab: LabLine, onStep: () => void) {
  await lab.begin(0n, 100);
  const costs: number[] = [];
  const templates: Uint8Array[] = [];
  for (let person = 0; person < EYES; person++) {
    const made = await labExtract(lab, IRIS, eye(person, person), WIDTH, HEIGHT);
    if (made?.reason !== 0) throw new Error(`simulated eye ${person} gave no template`);
    costs.push(made.cost);
    templates.push(made.template);
    onStep();
  }
  costs.sort((a, b) => a - b);
  return { templates, median: costs[EYES >> 1] as number, most: costs[EYES - 1] as number };
}

/** The most that a comparison of two people, or of one with themselves, takes; and the latter's score. */
async function comparisons(lab: LabLine, [first, second]: readonly Uint8Array[]): Promise<number[]> {
  const [a, b] = [first as Uint8Array, second as Uint8Array];
  const other = await labCompare(lab, IRIS, a, b);
  const same = await labCompare(lab, IRIS, a, a);
  return [Math.max(other.cost, same.cost), same.result];
}

/** What the image takes for something, and the same in C. */
interface Beside {
  readonly image: number;
  readonly native: number;
}

function beside(what: string, { image, native }: Beside, unit: string, engine: Engine): BoardFigure[] {
  return [
    { what, value: image, unit },
    { what: `${what}, native C -O3`, value: native, unit },
    {
      what: `${what}, ratio of the two`,
      value: image / native,
      unit: "times",
      reach: engine === "aot" ? RATIO_REACH : undefined,
    },
  ];
}

/** The two steps that take the most of an extraction, alone, each on what the extraction gives it. */
async function steps(lab: LabLine): Promise<[Beside, Beside]> {
  const different = new Error("a kernel in C computes something else than the image");
  const pixels = WIDTH * HEIGHT;
  const made = await labExtract(lab, IRIS, eye(0, 0), WIDTH, HEIGHT);
  if (made?.reason !== 0) throw new Error("simulated eye 0 gave no template");

  const { result: quarter } = await lab.call("lab_step", STEP.quarterPicture);
  const search = await lab.call("lab_step", STEP.pupils);
  const discs = await lab.get(search.result, DISC_BYTES);
  const searchNative = await lab.native(NATIVE.pupils, quarter, WIDTH >> 2, HEIGHT >> 2);
  if (!same(discs, await lab.get(quarter + (pixels >> 4), DISC_BYTES))) throw different;

  const { result: frame } = await lab.call("lab_frame", IRIS, WIDTH, HEIGHT);
  const fill = await lab.call("lab_step", STEP.fill);
  const filled = await lab.get(fill.result, pixels);
  const fillNative = await lab.native(NATIVE.fill, frame, WIDTH, HEIGHT);
  if (!same(filled, await lab.get(frame + pixels, pixels))) throw different;
  return [
    { image: fill.cost, native: fillNative.cost },
    { image: search.cost, native: searchNative.cost },
  ];
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

async function sha256(lab: LabLine): Promise<Beside> {
  const { result: at } = await lab.call("lab_frame", IRIS, WIDTH, HEIGHT);
  const image = await lab.call("lab_sha256", at, SHA_BYTES, at + SHA_BYTES);
  const native = await lab.native(NATIVE.sha256, at);
  const first = Buffer.from(await lab.get(at + SHA_BYTES, 4)).readUInt32BE(0);
  if (first !== native.result) throw new Error("the kernel in C computes something else than the image");
  return { image: image.cost, native: native.cost };
}

/** Finish of an identification of the last who was enrolled, among all. */
async function identification(lab: LabLine, journal: Uint8Array): Promise<number> {
  await lab.writeJournal(journal);
  await lab.begin(0n, 5000);
  const frames = [eye(REFERENCES - 1, 2000)];
  const { decision, finishCost } = await labSession(lab, {
    purpose: "identify",
    width: WIDTH,
    height: HEIGHT,
    frames,
    number: 999,
  });
  if (decision["user"] !== `user-${REFERENCES - 1}`) throw new Error(`identified ${JSON.stringify(decision["user"])}`);
  return finishCost;
}

/** What the product's firmware takes of RAM besides what engines need, and of code flash. */
async function sizes(board: Board, engine: Engine): Promise<{ data: number; code: number }> {
  const { facts } = await buildFirmware({ board, engine });
  const part = (area: string, what: RegExp): number =>
    facts.fit.find((one) => one.area === area)?.parts.find((one) => what.test(one.what))?.bytes ?? 0;
  return { data: part("RAM", /^data of the runner/), code: part("code flash", /^runner/) };
}
