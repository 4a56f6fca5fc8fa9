// `kanmon bench`: how fast this machine runs the parts, as figures and as ratios within the run. docs/benchmarks.md keeps them.
import { Command, Option } from "commander";
import { benchLink } from "../device/bench.ts";
import { benchBulk } from "../device/bench-bulk.ts";
import { benchRecogniser, RECOGNISER_BENCH_STEPS, type RecogniserBench } from "../evaluate/bench.ts";
import { MODALITIES, type ModalityName } from "../evaluate/modality.ts";
import type { Engine } from "../firmware/board.ts";
import { runBoardBench } from "./bench-board.ts";
import { withEngine } from "./engine.ts";
import type { Output } from "./output.ts";
import { examples, type Verb } from "./verb.ts";

export const bench: Verb = (output) =>
  withEngine(
    new Command("bench")
      .description("measure the link's codec and the recognisers on this machine")
      .option("--board <name>", "measure a board instead, in its emulator: instructions and memory")
      .addOption(new Option("--modality <name>", "of the board: only this").choices(Object.keys(MODALITIES))),
    "of the board; all that it has, if left out",
  )
    .addHelpText(
      "after",
      examples(
        ["Everything, as JSON", "kanmon bench --json"],
        ["What the image takes on a Cortex-M7", "kanmon bench --board qemu_mps2_an500"],
        ["What faces alone take there", "kanmon bench --board qemu_mps2_an500 --engine aot --modality face"],
      ),
    )
    .action(({ board, engine, modality }: { board?: string; engine?: Engine; modality?: ModalityName }) =>
      board === undefined ? run(output) : runBoardBench(board, engine, modality, output),
    );

async function run(output: Output): Promise<void> {
  output.note("the link's codec, then bulk transfer over modelled lines: about 25 s");
  const link = benchLink();
  const bulk = await benchBulk();
  const recognisers = (Object.keys(MODALITIES) as ModalityName[]).map((modality) => {
    const progress = output.progress(modality, RECOGNISER_BENCH_STEPS);
    let done = 0;
    const bench = benchRecogniser(modality, () => progress.update(++done));
    progress.stop();
    return [modality, bench] as const;
  });
  const lines = [
    `link: pixels are ${(link.payload_share * 100).toFixed(1)} % of the bytes on the line in bulk transfer`,
    ...link.rates.map(
      ({ what, mb_per_second, ratio }) => `  ${what.padEnd(28)}${mb_per_second.toFixed(0).padStart(6)} MB/s  ${ratio}`,
    ),
    "bulk transfer over a modelled UART: payload of the bytes sent, of those in both directions; line idle",
    ...bulk.map(
      ({ what, baud, payload_share, payload_share_both, idle_share, kb_per_second }) =>
        `  ${what} at ${baud} baud`.padEnd(28) +
        `${percent(payload_share)}  ${percent(payload_share_both)}  ${percent(idle_share)}  ${kb_per_second} kB/s`,
    ),
    ...recognisers.flatMap(([modality, bench]) => table(modality, bench)),
  ];
  output.answer({ link, bulk, ...Object.fromEntries(recognisers) }, lines.join("\n"));
}

function table(modality: ModalityName, { image_digest, extraction, comparison_us }: RecogniserBench): string[] {
  return [
    `${modality} in V8, image ${image_digest.slice(0, 12)}…`,
    ...extraction.map(
      ({ frames, template_bytes, median_ms, p95_ms }) =>
        `  extraction ${frames}`.padEnd(44) +
        `${median_ms.toFixed(1).padStart(6)} ms, 95 %: ${p95_ms.toFixed(1)} ms; template ${template_bytes} bytes`,
    ),
    `  comparison, the same person${comparison_us.same.toFixed(1).padStart(21)} µs; another: ${comparison_us.another.toFixed(1)} µs`,
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`.padStart(8);
}
