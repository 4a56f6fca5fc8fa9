// What a board takes to recognise, for `kanmon bench --board`: frames to templates, comparisons, a search; of any modality, with its goals.
import { AGAIN, BENCH_FRAMES, type BenchFrames } from "../evaluate/bench-frames.ts";
import type { Image } from "../evaluate/image.ts";
import { MODALITIES, type ModalityName } from "../evaluate/modality.ts";
import type { Board, Engine } from "../firmware/board.ts";
import { formOf } from "../form.ts";
import type { BoardFigure } from "./bench.ts";
import type { LabBoard } from "./board.ts";
import { type Lab, type LabMemory, labCompare, labExtract } from "./lab.ts";
import { labCalibrate, labRelease, labSession } from "./session.ts";
import { labInV8 } from "./v8.ts";

/** The most that should be taken, instructions on a Cortex-M7; an extraction's is for frames of one band. */
interface Goals {
  readonly extract: number;
  readonly compare: number;
  readonly identify?: number;
}

const GOALS: Record<ModalityName, Record<Engine, Goals>> = {
  iris: {
    wasm3: { extract: 1200e6, compare: 8e6, identify: 500e6 },
    aot: { extract: 60e6, compare: 0.6e6, identify: 40e6 },
  },
  palm: { wasm3: { extract: 90e6, compare: 20e6 }, aot: { extract: 6e6, compare: 1.5e6 } },
  face: { wasm3: { extract: 3000e6, compare: 450e6 }, aot: { extract: 200e6, compare: 30e6 } },
};

const PEOPLE = 5;
/** People among whom one is searched. A comparison of faces takes a hundred times an iris's, and shape is not for searches among many. */
const REFERENCES: Record<ModalityName, number> = { iris: 100, palm: 100, face: 5 };

/** How often `benchModality` calls `onStep`. */
export function modalitySteps(modality: ModalityName): number {
  return REFERENCES[modality] + PEOPLE * boardFrames(modality).length + 2;
}

/** Measures a modality in a lab just started, with goals if it counts instructions; and the memory it took. Throws KAN-LAB. */
export async function benchModality(
  { lab, unit }: Pick<LabBoard, "lab" | "unit">,
  board: Board,
  image: Image,
  modality: ModalityName,
  onStep: () => void,
): Promise<{ figures: BoardFigure[]; memory: LabMemory }> {
  const journal = await enrolled(image, board, modality, onStep);
  const goals = unit === "instructions" ? GOALS[modality][lab.engine] : undefined;
  await lab.begin(0n, 100);
  const figures: BoardFigure[] = [];
  for (const frames of boardFrames(modality)) {
    const { what, presentation } = frames;
    const costs: number[] = [];
    for (let person = 0; person < PEOPLE; person++) {
      costs.push((await extract(lab, modality, frames, person, person)).cost);
      onStep();
    }
    costs.sort((a, b) => a - b);
    const reach = (presentation.bands_nm?.length ?? 1) === 1 ? goals?.extract : undefined;
    const named = `${modality}: frame (${what}) to template`;
    figures.push({ what: `${named}, median of ${PEOPLE}`, value: costs[PEOPLE >> 1] as number, unit, reach });
    figures.push({ what: `${modality}: the same, most`, value: costs[PEOPLE - 1] as number, unit });
  }
  for (const [what, value] of Object.entries(await comparisons(lab, modality)))
    figures.push({ what: `${modality}: one comparison, ${what}`, value, unit, reach: goals?.compare });
  onStep();
  const extracting = await lab.memory();
  const { cost, wrong } = await identification(lab, modality, journal);
  figures.push({
    what: `${modality}: identify among ${REFERENCES[modality]}, all of finish${wrong}`,
    value: cost,
    unit,
    reach: goals?.identify,
  });
  onStep();
  return { figures, memory: most(extracting, await lab.memory()) };
}

/** The greater of each. */
export function most(a: LabMemory, b: LabMemory): LabMemory {
  return {
    linear: Math.max(a.linear, b.linear),
    stack: Math.max(a.stack, b.stack),
    stackPeak: Math.max(a.stackPeak, b.stackPeak),
    poolPeak: Math.max(a.poolPeak, b.poolPeak),
  };
}

function boardFrames(modality: ModalityName): BenchFrames[] {
  return BENCH_FRAMES[modality].filter(({ board }) => board);
}

async function extract(
  lab: Lab,
  modality: ModalityName,
  { width, height, presentation, geometry, draw, what }: BenchFrames,
  person: number,
  presented: number,
): Promise<{ cost: number; template: Uint8Array }> {
  const { id } = MODALITIES[modality];
  const made = await labExtract(lab, id, draw(person, presented), width, height, formOf(presentation), geometry);
  if (made?.reason !== 0) throw new Error(`simulated ${modality} ${person} (${what}) gave no template`);
  return made;
}

/** What a comparison takes, with the same person and with another. */
async function comparisons(lab: Lab, modality: ModalityName): Promise<Record<string, number>> {
  const [frames] = BENCH_FRAMES[modality];
  const { template } = await extract(lab, modality, frames, 0, 0);
  const { template: again } = await extract(lab, modality, frames, 0, AGAIN);
  const { template: other } = await extract(lab, modality, frames, 1, 1);
  const { id } = MODALITIES[modality];
  const same = await labCompare(lab, id, again, template);
  if (same.result === 0) throw new Error(`two presentations of one ${modality} are not alike`);
  const another = await labCompare(lab, id, other, template);
  return { "the same person": same.cost, "another person": another.cost };
}

/** A journal with people, enrolled in V8 with the keys of the lab. */
async function enrolled(image: Image, board: Board, modality: ModalityName, onStep: () => void): Promise<Uint8Array> {
  const [{ width, height, presentation, geometry, draw }] = BENCH_FRAMES[modality];
  const lab = labInV8(image.bytes, board);
  await lab.begin(0n, 100);
  if (geometry) await labCalibrate(lab, geometry, width, height);
  for (let person = 0; person < REFERENCES[modality]; person++) {
    const frames = [draw(person, person)]; // one sample each, as a board's journal holds 100 of them
    const user = `user-${person}`;
    await labSession(lab, { modality, presentation, purpose: "enroll", user, width, height, frames, number: person });
    await labRelease(lab, person + 1 + (geometry ? 1 : 0));
    onStep();
  }
  return lab.readJournal();
}

/** Finish of an identification of the last who was enrolled, among all; what is to be said where the answer is another. */
async function identification(
  lab: Lab,
  modality: ModalityName,
  journal: Uint8Array,
): Promise<{ cost: number; wrong: string }> {
  const [{ width, height, presentation, draw }] = BENCH_FRAMES[modality];
  await lab.writeJournal(journal);
  await lab.begin(0n, 5000);
  const frames = [draw(REFERENCES[modality] - 1, AGAIN)];
  const shape = { modality, presentation, width, height, frames };
  const { decision, finishCost } = await labSession(lab, { ...shape, purpose: "identify", number: 999 });
  const wrong =
    decision["user"] === `user-${REFERENCES[modality] - 1}`
      ? ""
      : ` (WRONG: ${decision["user"] ?? decision["decision"]})`;
  return { cost: finishCost, wrong };
}
