// `kanmon evaluate`: accuracy of the shipped image on a data set, as a report for people and for other people's tools.
import { relative } from "node:path";
import { Command, Option } from "commander";
import { EXIT } from "../errors.ts";
import { type EvaluateOptions, evaluateDataSet } from "../evaluate/evaluate.ts";
import { loadImage } from "../evaluate/image.ts";
import { unknownKeys } from "../evaluate/manifest.ts";
import { MODALITIES, type ModalityName } from "../evaluate/modality.ts";
import { Results, removeParts } from "../evaluate/output.ts";
import { writeReport } from "../evaluate/report.ts";
import { summarize, summaryText } from "../evaluate/summary.ts";
import { prepareFolder } from "../folder.ts";
import type { Output } from "./output.ts";
import { showSteps } from "./steps.ts";
import { examples, type Verb } from "./verb.ts";
import { whole } from "./whole.ts";

interface Options {
  modality: ModalityName;
  manifest: string;
  out: string;
  maxImpostors?: number;
  seed: number;
  enroll?: number;
  minQuality?: number;
  debug?: string;
  image?: string;
  threads?: number;
}

export const evaluate: Verb = (output) =>
  new Command("evaluate")
    .description("measure the accuracy of the shipped image on a data set")
    .addOption(
      new Option("--modality <name>", "what the pictures show").choices(Object.keys(MODALITIES)).makeOptionMandatory(),
    )
    .requiredOption("--manifest <file>", "the data set's manifest.csv: path,subject,position,session")
    .requiredOption(
      "--out <dir>",
      "where scores.csv, samples.csv, det.svg, histogram.svg, summary.json and report.html go",
    )
    .option("--max-impostors <n>", "compare at most n impostor pairs, a random sample", whole(1))
    .option("--seed <n>", "seed of that sample", whole(0), 1)
    .option("--enroll <n>", "join the first n samples of each identity into its reference", whole(1))
    .option("--min-quality <q>", "also the figures of the samples of at least this overall quality, 0 to 100", whole(0))
    .option("--debug <dir>", "also write, for each sample, a picture of what the image saw in it")
    .addOption(new Option("--engine <name>", "what runs the image").choices(["v8"]).default("v8"))
    .option("--image <file>", "the image to evaluate (default: the shipped one)")
    .option("--threads <n>", "threads (default: as many as there are cores)", whole(1))
    .addHelpText(
      "after",
      examples(
        ["Every pair of samples", "kanmon evaluate --modality iris --manifest eyes/manifest.csv --out report"],
        [
          "A large set: a million of its impostor pairs, always the same",
          "kanmon evaluate --modality iris --manifest eyes/manifest.csv --out report --max-impostors 1000000 --seed 7",
        ],
        [
          "See what the image saw, figures as JSON",
          "kanmon evaluate --modality iris --manifest eyes/manifest.csv --out report --debug report/debug --json",
        ],
      ),
    )
    .action((options: Options) => run(options, output));

async function run(options: Options, output: Output): Promise<void> {
  const image = loadImage(options.image);
  prepareFolder(options.out);
  if (options.debug !== undefined) prepareFolder(options.debug);
  const results = new Results(options.out);
  const steps = showSteps(output);
  // Ctrl-C: no file that is half written stays behind.
  const stop = (): void => {
    steps.stop();
    results.discard();
    if (options.debug !== undefined) removeParts(options.debug);
    process.exit(130);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    const evaluation = await evaluateDataSet({ ...options, image } satisfies EvaluateOptions, steps.onProgress);
    const { ignored, sensor = {} } = evaluation.dataSet;
    const keys = unknownKeys(sensor);
    if (keys.length > 0) output.note(`note: keys of sensor.json that mean nothing here: ${keys.join(", ")}`);
    if (ignored.length > 0) output.note(`note: columns that mean nothing here: ${ignored.join(", ")}`);
    const summary = summarize(evaluation, image.digest, options.modality);
    const command = ["kanmon", ...process.argv.slice(2)].map(quoted).join(" ");
    const debug = options.debug === undefined ? undefined : relative(options.out, options.debug);
    await writeReport(results, evaluation, summary, command, debug);
    await results.commit();
    output.answer(summary, summaryText(summary, `${options.out}/report.html`), EXIT.done);
  } finally {
    steps.stop();
    results.discard();
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
