// `kanmon bench --board`: the numbers of a board, beside what was to be reached.
import type { ModalityName } from "../evaluate/modality.ts";
import { type Engine, loadBoard } from "../firmware/board.ts";
import { type BoardBench, benchBoard, boardBenchSteps } from "../lab/bench.ts";
import type { Output } from "./output.ts";

/** Measures on the board's emulator, all or one modality: some minutes. */
export async function runBoardBench(
  name: string,
  engine: Engine | undefined,
  modality: ModalityName | undefined,
  output: Output,
): Promise<void> {
  const board = loadBoard(name);
  const results: BoardBench[] = [];
  for (const one of engine ? [engine] : board.engines) {
    output.note(`${name}, ${one}: builds the lab firmware, enrols people, then measures; some minutes`);
    const progress = output.progress(one, boardBenchSteps(modality));
    let done = 0;
    results.push(await benchBoard(board, one, () => progress.update(++done), modality));
    progress.stop();
  }
  output.answer(results, results.map(table).join("\n\n"));
}

function table({ board, engine, image_digest, figures }: BoardBench): string {
  const lines = figures.map(({ what, value, unit, reach }) => {
    const goal =
      reach === undefined ? "" : `  ${value <= reach ? "reached" : "MISSED "} (at most ${show(reach, unit)})`;
    return `${what.padEnd(70)}${show(value, unit).padStart(16)}${goal}`;
  });
  return [`${board}, ${engine}, image ${image_digest.slice(0, 12)}…`, ...lines].join("\n");
}

function show(value: number, unit: string): string {
  if (unit === "bytes") return `${value.toLocaleString("en-US")} bytes`;
  if (unit === "times") return value.toFixed(2);
  return unit === "instructions" ? `${(value / 1e6).toFixed(3)} M` : `${(value / 1e6).toFixed(3)} ms`;
}
