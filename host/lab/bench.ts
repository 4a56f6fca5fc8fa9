// The numbers of a board, for `kanmon bench --board`: what the image takes on it, against what was to be reached (docs/benchmarks.md).
import { type Image, loadImage } from "../evaluate/image.ts";
import { MODALITIES, type ModalityName } from "../evaluate/modality.ts";
import type { Board, Engine } from "../firmware/board.ts";
import { buildFirmware } from "../firmware/build.ts";
import { benchModality, modalitySteps, most } from "./bench-modality.ts";
import { beside, sha256, steps } from "./bench-native.ts";
import { type LabBoard, startLab } from "./board.ts";
import type { LabMemory } from "./lab.ts";

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

const ALL = Object.keys(MODALITIES) as ModalityName[];
/** The goals: instructions on a Cortex-M7, bytes of memory. */
const REACH: Record<Engine, { sha: number; ram: number }> = {
  wasm3: { sha: 50e6, ram: 900_000 },
  aot: { sha: 4e6, ram: 600_000 },
};
const FLASH_REACH = 110_000;
const NOTHING: LabMemory = { linear: 0, stack: 0, stackPeak: 0, poolPeak: 0 };

/** How often `benchBoard` calls `onStep`. */
export function boardBenchSteps(modality?: ModalityName): number {
  return modality === undefined ? ALL.reduce((sum, one) => sum + modalitySteps(one), 2) : modalitySteps(modality);
}

/** Measures `engine` on `board`'s emulator: all, or what one modality takes. Throws what building and starting throw. */
export async function benchBoard(
  board: Board,
  engine: Engine,
  onStep: () => void,
  only?: ModalityName,
): Promise<BoardBench> {
  const image = loadImage();
  const figures: BoardFigure[] = [];
  let memory = NOTHING;
  for (const modality of only === undefined ? ALL : [only]) {
    const made = await withLab(board, engine, image, (lab) => benchModality(lab, board, image, modality, onStep));
    figures.push(...made.figures);
    memory = most(memory, made.memory);
  }
  if (only !== undefined) return { board: board.name, engine, image_digest: image.digest, figures };
  const { unit, sha, fill, pupils } = await withLab(board, engine, image, async ({ lab, unit }) => {
    const sha = await sha256(lab);
    const [fill, pupils] = await steps(lab);
    return { unit, sha, fill, pupils };
  });
  const reach = unit === "instructions" ? REACH[engine] : undefined;
  onStep();
  const size = await sizes(board, engine);
  onStep();
  const ram = memory.linear + memory.poolPeak + size.wasmStack + memory.stack + size.data;
  figures.push(
    { what: "SHA-256 of 64 KB", value: sha.image, unit, reach: reach?.sha },
    { what: "SHA-256 of 64 KB, native C -O3", value: sha.native, unit },
    ...beside("filling bright spots", fill, unit, engine),
    ...beside("pupil search", pupils, unit, engine),
    { what: "RAM with the image, in the largest of these", value: ram, unit: "bytes", reach: reach?.ram },
    { what: "  linear memory", value: memory.linear, unit: "bytes" },
    ...(engine === "wasm3"
      ? [
          { what: "  pool: compiled form", value: memory.poolPeak, unit: "bytes" },
          { what: "  wasm3's stack", value: size.wasmStack, unit: "bytes" },
        ]
      : []),
    { what: "  C stack", value: memory.stack, unit: "bytes" },
    { what: "    of it ever used", value: memory.stackPeak, unit: "bytes" },
    { what: "  data of the runner", value: size.data, unit: "bytes" },
    engine === "wasm3"
      ? { what: "flash of the runner, without images", value: size.code, unit: "bytes", reach: FLASH_REACH }
      : { what: "flash of the runner with the compiled image", value: size.code, unit: "bytes" },
  );
  return { board: board.name, engine, image_digest: image.digest, figures };
}

/** Has `measure` work in a lab of its own: a board whose counter another journal has raised would call the next one rolled back. */
async function withLab<T>(
  board: Board,
  engine: Engine,
  image: Image,
  measure: (started: LabBoard) => Promise<T>,
): Promise<T> {
  const started = await startLab(board, engine, image);
  try {
    return await measure(started);
  } finally {
    await started.close();
  }
}

/** What the product's firmware takes of RAM besides what engines need, and of code flash. */
async function sizes(board: Board, engine: Engine): Promise<{ data: number; wasmStack: number; code: number }> {
  const { facts } = await buildFirmware({ board, engine });
  const part = (area: string, what: RegExp): number =>
    facts.fit.find((one) => one.area === area)?.parts.find((one) => what.test(one.what))?.bytes ?? 0;
  const wasmStack = part("RAM", /^WASM stack/);
  return { data: part("RAM", /^data of the runner/), wasmStack, code: part("code flash", /^runner/) };
}
