// `kanmon sim`: the reader on a laptop. The real image, in V8 or in the firmware of an emulated board, a simulated module of each modality
// on a virtual serial line, and people before them (sim-round.ts, sim-visitors.ts).
import { Command, Option } from "commander";
import { loadImage } from "../evaluate/image.ts";
import { MODALITIES, type ModalityName } from "../evaluate/modality.ts";
import type { Engine } from "../firmware/board.ts";
import { onLeaving, temporaryFolder } from "../leaving.ts";
import { withEngine } from "./engine.ts";
import type { Output } from "./output.ts";
import { openReader } from "./reader.ts";
import { runRound } from "./sim-round.ts";
import { openStand, type Stand } from "./sim-stand.ts";
import { keepComing } from "./sim-visitors.ts";
import { examples, type Verb } from "./verb.ts";

interface Options {
  once?: boolean;
  modality?: ModalityName;
  state?: string;
  board?: string;
  engine?: Engine;
}

const ALL = Object.keys(MODALITIES) as ModalityName[];

export const sim: Verb = (output) =>
  withEngine(
    new Command("sim")
      .description(
        "run the reader with simulated iris, palm and face modules on virtual serial lines: in V8, or as a board's firmware",
      )
      .option("--once", "run the scripted round and exit; without it, on a terminal, people keep coming until Ctrl-C")
      .addOption(new Option("--modality <name>", "with this module alone (default: all, in turn)").choices(ALL))
      .option("--state <dir>", "keep the reader's state there (default: a new reader each time)")
      .option("--board <name>", "on an emulated board: its firmware is built, flashed and started (kanmon boards)"),
  )
    .addHelpText(
      "after",
      examples(
        ["The scripted round", "kanmon sim --once"],
        ["Palms only, as JSON", "kanmon sim --once --modality palm --json"],
        ["On an emulated Cortex-M7", "kanmon sim --board qemu_mps2_an500 --once"],
      ),
    )
    .action((options: Options) => run(options, output));

async function run(options: Options, output: Output): Promise<void> {
  // Read once: what V8 runs beside the board is what the board was given.
  const image = loadImage().bytes;
  // Leaving at once is safe at any moment: the journal bears a power cut. A reader that was not to be kept takes its keys along.
  const { path: folder, remove: forget } =
    options.state === undefined
      ? temporaryFolder("kanmon-")
      : { path: options.state, remove: onLeaving(() => undefined) };
  const { board, engine, modality } = options;
  const stands: Stand[] = [];
  try {
    for (const name of modality === undefined ? ALL : [modality]) stands.push(await openStand(name));
    const reader = await openReader(
      { state: folder, ...(board === undefined ? {} : { board }), ...(engine ? { engine } : {}) },
      output,
    );
    try {
      const passed = await runRound(reader, image, stands, output);
      // Nobody watches a pipe for ever: only on a terminal do people keep coming.
      if (passed && !options.once && !output.json && process.stdout.isTTY) await keepComing(reader, stands, output);
    } finally {
      await reader.close();
    }
  } finally {
    await Promise.all(stands.map((stand) => stand.close()));
    forget();
  }
}
