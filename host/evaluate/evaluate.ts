// Accuracy of the shipped image on a data set: templates of all samples, scores of all planned pairs, figures from these.
import { availableParallelism } from "node:os";
import { basename, dirname, extname, join } from "node:path";
import { depthCamera } from "../calibration/depth-camera.ts";
import { geometryBytes } from "../calibration/document.ts";
import { EXIT, KanmonError } from "../errors.ts";
import { bandsError, formOf, planesOf } from "../form.ts";
import { type Gate, qualityGate } from "./gate.ts";
import type { Image } from "./image.ts";
import { Lab } from "./lab.ts";
import { type DataSet, readDataSet } from "./manifest.ts";
import { type Accuracy, accuracy } from "./metrics.ts";
import { MODALITIES, type ModalityName, TRAPPED } from "./modality.ts";
import { type PairOptions, type Pairs, planPairs } from "./pairs.ts";
import { Pool } from "./pool.ts";
import type { Answer, Extraction, Task } from "./work.ts";

export interface EvaluateOptions extends PairOptions {
  readonly modality: ModalityName;
  /** Path of the data set's manifest. */
  readonly manifest: string;
  readonly image: Image;
  /** Folder for a debug picture of each sample. */
  readonly debug?: string;
  /** Also judge what a policy of this least overall quality accepts, 0..100. */
  readonly minQuality?: number;
  /** Threads; not given: as many as there are cores. */
  readonly threads?: number;
}

/** Sees how far a step has come. */
export type OnProgress = (step: "templates" | "comparisons", done: number, total: number) => void;

/** All that an evaluation found; `scores[i]` is that of pair i. Holds no template and no frame. */
export interface Evaluation {
  readonly dataSet: DataSet;
  readonly pairs: Pairs;
  readonly extractions: readonly Extraction[];
  readonly scores: Int32Array;
  readonly accuracy: Accuracy;
  readonly gate: Gate;
  /** The same of the samples that the least quality asked for accepts: they alone are probes and references. */
  readonly accepted: Accepted | undefined;
  readonly templateBytes: number;
  readonly threads: number;
  /** Median time of an extraction in the image, milliseconds, on one thread of those running. */
  readonly msPerTemplate: number;
  /** All threads together. */
  readonly comparisonsPerSecond: number;
}

/** What is left of a data set when a policy refuses poor samples. */
export interface Accepted {
  readonly minQuality: number;
  readonly samples: number;
  readonly genuine: number;
  readonly impostor: number;
  readonly accuracy: Accuracy;
}

/** Pairs that a thread compares at once. */
const CHUNK = 8192;

/** Evaluates; throws a KanmonError where the data set, a picture or an option is wrong. */
export async function evaluateDataSet(
  options: EvaluateOptions,
  onProgress: OnProgress = () => {},
): Promise<Evaluation> {
  const modality = MODALITIES[options.modality];
  const dataSet = await readDataSet(options.manifest);
  checkModality(dataSet, options.modality);
  if (modality.files === "bands") checkBands(dataSet);
  const { samples } = dataSet;
  const pairs = planPairs(samples, options);

  const depth = options.modality === "face" ? depthOf(dataSet) : undefined;
  const form = formOf(dataSet.sensor ?? {});
  const { templateBytes } = new Lab(options.image.module, modality.id, form);
  const templates = new Uint8Array(new SharedArrayBuffer(samples.length * templateBytes));
  const extracted = new Uint8Array(new SharedArrayBuffer(samples.length));
  const scores = new Int32Array(new SharedArrayBuffer(pairs.probe.length * 4));
  const pool = new Pool(Math.min(options.threads ?? availableParallelism(), samples.length), {
    module: options.image.module,
    modality,
    form,
    depth,
    templates,
    extracted,
  });
  try {
    const extractions = await extractAll(pool, dataSet, options.debug, onProgress);
    await pool.all({ kind: "pairs", probe: pairs.probe, reference: pairs.reference, members: pairs.members, scores });
    const start = performance.now();
    await compareAll(pool, scores.length, onProgress);
    const seconds = (performance.now() - start) / 1000;
    const accepted =
      options.minQuality === undefined
        ? undefined
        : await judgeAccepted(pool, samples, extractions, { ...options, minQuality: options.minQuality });
    const tried = extractions.filter(({ reason }) => reason !== TRAPPED).map(({ ms }) => ms);
    return {
      dataSet,
      pairs,
      extractions,
      scores,
      accuracy: accuracy(scores.subarray(0, pairs.genuine), scores.subarray(pairs.genuine)),
      gate: qualityGate(
        extractions.map(({ reason, quality }) => (reason === 0 ? quality[0]! : -1)),
        pairs,
        scores,
      ),
      accepted,
      templateBytes,
      threads: pool.threads,
      msPerTemplate: median(tried),
      comparisonsPerSecond: scores.length / seconds,
    };
  } finally {
    await pool.close();
    templates.fill(0);
  }
}

/** Figures of the samples that have a template of at least this quality, as if there were no others. */
async function judgeAccepted(
  pool: Pool,
  samples: DataSet["samples"],
  extractions: readonly Extraction[],
  options: PairOptions & { readonly minQuality: number },
): Promise<Accepted> {
  const { minQuality } = options;
  const kept = samples.flatMap((_, i) => {
    const { reason, quality } = extractions[i]!;
    return reason === 0 && quality[0]! >= minQuality ? [i] : [];
  });
  const pairs = planPairs(
    kept.map((i) => samples[i]!),
    options,
  );
  const scores = new Int32Array(new SharedArrayBuffer(pairs.probe.length * 4));
  const probe = pairs.probe.map((i) => kept[i]!);
  const members = pairs.members.map((list) => list.map((i) => kept[i]!));
  await pool.all({ kind: "pairs", probe, reference: pairs.reference, members, scores });
  await compareAll(pool, scores.length, () => {});
  const { genuine, impostor } = pairs;
  const figures = accuracy(scores.subarray(0, genuine), scores.subarray(genuine));
  return { minQuality, samples: kept.length, genuine, impostor, accuracy: figures };
}

/** All samples' extractions, in their order. Pictures that cannot be read are gathered and reported together. */
async function extractAll(
  pool: Pool,
  { samples, manifest }: DataSet,
  debug: string | undefined,
  onProgress: OnProgress,
): Promise<Extraction[]> {
  const extractions: Extraction[] = [];
  const faults: { line: number; fault: NonNullable<Answer["fault"]> }[] = [];
  let done = 0;
  function* tasks(): Iterable<Task> {
    for (const [sample, { files, path }] of samples.entries()) {
      yield {
        kind: "extract",
        sample,
        files,
        ...(debug === undefined ? {} : { debug: join(debug, debugName(sample, path)) }),
      };
    }
  }
  // Answers come in any order; a fault belongs to the sample of its task.
  await pool.run(tasks(), (answer, task) => {
    if (answer.extraction !== undefined) extractions[answer.extraction.sample] = answer.extraction;
    if (answer.fault !== undefined && task.kind === "extract")
      faults.push({ line: samples[task.sample]!.line, fault: answer.fault });
    onProgress("templates", ++done, samples.length);
  });
  const [first] = faults.sort((a, b) => a.line - b.line);
  if (first !== undefined) {
    const { code, message, help, exit } = first.fault;
    const others =
      faults.length > 1
        ? ` (and ${faults.length - 1} more faulty samples, on lines ${faults
            .slice(1, 11)
            .map(({ line }) => line)
            .join(", ")}${faults.length > 11 ? " …" : ""})`
        : "";
    throw new KanmonError(code as `KAN-${string}`, `${manifest}, line ${first.line}: ${message}${others}`, help, exit);
  }
  return extractions;
}

async function compareAll(pool: Pool, total: number, onProgress: OnProgress): Promise<void> {
  let done = 0;
  function* tasks(): Iterable<Task> {
    for (let from = 0; from < total; from += CHUNK) yield { kind: "compare", from, to: Math.min(total, from + CHUNK) };
  }
  await pool.run(tasks(), (_answer, task) => {
    if (task.kind === "compare") done += task.to - task.from;
    onProgress("comparisons", done, total);
  });
}

/** A file name for a sample's debug picture: its place in the manifest and its path. */
export function debugName(sample: number, path: string): string {
  const [first = ""] = path.split(";");
  const plain = first.replace(/[^A-Za-z0-9._-]+/g, "_").replace(/^[._]+/, "");
  return `${String(sample + 1).padStart(5, "0")}-${basename(plain, extname(plain)).slice(-80)}.png`;
}

function checkModality({ sensor, manifest }: DataSet, modality: ModalityName): void {
  if (sensor?.modality === undefined || sensor.modality === modality) return;
  throw new KanmonError(
    "KAN-SENSOR-MODALITY",
    `${manifest}: its sensor.json declares a ${sensor.modality} sensor, not ${modality}`,
    "Evaluate it with the modality of its sensor, or correct sensor.json.",
    EXIT.input,
  );
}

/** The calibration of a data set of depth maps, and their unit. */
function depthOf({ sensor, manifest }: DataSet) {
  const { geometry, unitMm } = depthCamera(join(dirname(manifest), "sensor.json"), sensor);
  return { unitMm, calibration: geometryBytes(geometry) };
}

/** Each sample of a modality with bands has one picture for each of the sensor's. */
function checkBands({ samples, sensor = {}, manifest }: DataSet): void {
  const wrong = samples.find(({ files }) => files.length !== planesOf(sensor));
  if (wrong !== undefined) throw bandsError(`${manifest}, line ${wrong.line}`, wrong.files.length, sensor);
}

function median(values: readonly number[]): number {
  const ascending = [...values].sort((a, b) => a - b);
  const middle = Math.floor(ascending.length / 2);
  return ascending.length % 2 === 1
    ? ascending[middle]!
    : ((ascending[middle - 1] ?? 0) + (ascending[middle] ?? 0)) / 2;
}
