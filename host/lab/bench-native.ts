// Steps of the image beside the same in C (boards/port/lab-kernels.h), for `kanmon bench --board`: what compiling or interpreting costs.
import { BENCH_FRAMES } from "../evaluate/bench-frames.ts";
import { MODALITIES } from "../evaluate/modality.ts";
import type { Engine } from "../firmware/board.ts";
import type { BoardFigure } from "./bench.ts";
import { labExtract } from "./lab.ts";
import type { LabLine } from "./line.ts";

const [{ width: WIDTH, height: HEIGHT, draw }] = BENCH_FRAMES.iris;
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

/** What the image takes for something, and the same in C. */
export interface Beside {
  readonly image: number;
  readonly native: number;
}

/** The rows of a step. */
export function beside(what: string, { image, native }: Beside, unit: string, engine: Engine): BoardFigure[] {
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
export async function steps(lab: LabLine): Promise<[Beside, Beside]> {
  const different = new Error("a kernel in C computes something else than the image");
  const pixels = WIDTH * HEIGHT;
  const made = await labExtract(lab, IRIS, draw(0, 0), WIDTH, HEIGHT);
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

/** SHA-256 of 64 KB. */
export async function sha256(lab: LabLine): Promise<Beside> {
  const { result: at } = await lab.call("lab_frame", IRIS, WIDTH, HEIGHT);
  const image = await lab.call("lab_sha256", at, SHA_BYTES, at + SHA_BYTES);
  const native = await lab.native(NATIVE.sha256, at);
  const first = Buffer.from(await lab.get(at + SHA_BYTES, 4)).readUInt32BE(0);
  if (first !== native.result) throw new Error("the kernel in C computes something else than the image");
  return { image: image.cost, native: native.cost };
}
