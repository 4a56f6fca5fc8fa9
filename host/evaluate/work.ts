// The work of one thread: extracts templates from samples and compares pairs, with its own instance of the image.
// Samples, pairs and scores lie in shared memory; frames stay here, and only as long as they are extracted from.
import type { MessagePort } from "node:worker_threads";
import { EXIT, isReported, KanmonError, type Reported } from "../errors.ts";
import { type Framed, sizesText } from "../form.ts";
import { readDepth } from "../pictures/depth.ts";
import { readPlanes } from "../pictures/planes.ts";
import { drawDebug } from "./debug.ts";
import { Lab, QUALITY_BYTES } from "./lab.ts";
import { NO_SCORE } from "./metrics.ts";
import { type Modality, TRAPPED } from "./modality.ts";
import type { Pairs } from "./pairs.ts";

/** What every thread is given at the start. */
export interface Setup {
  readonly module: WebAssembly.Module;
  readonly modality: Modality;
  /** How the sensor presents what it sees (host/form.ts). */
  readonly form: number;
  /** Of a depth sensor: its calibration block, and the millimetres of a pixel's unit. */
  readonly depth: { readonly calibration: Uint8Array; readonly unitMm: number } | undefined;
  /** A template for every sample, one after the other, in shared memory. */
  readonly templates: Uint8Array;
  /** 1 for every sample that has a template, in shared memory. */
  readonly extracted: Uint8Array;
}

export interface ExtractTask {
  readonly kind: "extract";
  readonly sample: number;
  readonly files: readonly string[];
  /** Where to write the debug picture. */
  readonly debug?: string;
}

export interface CompareTask {
  readonly kind: "compare";
  readonly from: number;
  readonly to: number;
}

export type Task =
  | ExtractTask
  | CompareTask
  | ({ readonly kind: "pairs"; readonly scores: Int32Array } & Pick<Pairs, "probe" | "reference" | "members">)
  | { readonly kind: "wipe" };

/** What became of a sample. */
export interface Extraction {
  readonly sample: number;
  /** 0, or the modality's reason why there is no template. */
  readonly reason: number;
  /** The quality record. */
  readonly quality: Uint8Array;
  /** Time in the image, milliseconds. */
  readonly ms: number;
}

/** An answer to every task; `fault` is an error to report (a picture that cannot be read, a debug picture that cannot be written). */
export interface Answer {
  readonly extraction?: Extraction;
  readonly fault?: Pick<Reported, "code" | "message" | "help" | "exit">;
  /** A defect of ours. */
  readonly defect?: string;
}

/** Serves tasks that arrive at `port`, one answer each, in order. */
export function serve(port: Pick<MessagePort, "on" | "postMessage">, setup: Setup): void {
  const worker = new Worker(setup);
  let last: Promise<void> = Promise.resolve();
  port.on("message", (task: Task) => {
    last = last.then(async () => port.postMessage(await answer(worker, task)));
  });
}

async function answer(worker: Worker, task: Task): Promise<Answer> {
  try {
    return await worker.do(task);
  } catch (error) {
    if (!isReported(error)) return { defect: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    const { code, message, help, exit } = error;
    return { fault: { code, message, help, exit } };
  }
}

class Worker {
  readonly #setup: Setup;
  #lab: Lab;
  #work: Extract<Task, { kind: "pairs" }> | undefined;

  constructor(setup: Setup) {
    this.#setup = setup;
    this.#lab = newLab(setup);
  }

  async do(task: Task): Promise<Answer> {
    if (task.kind === "extract") return { extraction: await this.#extract(task) };
    if (task.kind === "pairs") this.#work = task;
    else if (task.kind === "compare") this.#compare(task);
    else this.#lab.wipe();
    return {};
  }

  /** Of several frames of one capture, the one of the best quality gives the template, as in a session; several bands are one frame. */
  async #extract({ sample, files, debug }: ExtractTask): Promise<Extraction> {
    let best: Extraction | undefined;
    const frames = this.#setup.modality.files === "bands" ? [files] : files.map((file) => [file]);
    for (const planes of frames) {
      const { width, height, data: frame } = await this.#read(planes);
      const start = performance.now();
      const reason = this.#tryExtract(frame, width, height, planes[0]!);
      const ms = performance.now() - start;
      const quality = this.#lab.quality().slice(0, QUALITY_BYTES);
      const better = best === undefined || (reason === 0 && (best.reason !== 0 || quality[0]! > best.quality[0]!));
      if (better) {
        best = { sample, reason, quality, ms };
        if (reason === 0) this.#templateOf(sample).set(this.#lab.template(0));
        this.#setup.extracted[sample] = reason === 0 ? 1 : 0;
        if (debug !== undefined)
          await drawDebug(
            debug,
            this.#lab,
            this.#setup.modality,
            width,
            height,
            this.#setup.depth === undefined ? frame.subarray(0, width * height) : greyDepth(frame),
            best,
          );
      }
      frame.fill(0);
    }
    return best!;
  }

  #read(planes: readonly string[]): Promise<{ width: number; height: number; data: Uint8Array }> {
    const { depth } = this.#setup;
    return depth === undefined ? readPlanes(planes) : readDepth(planes[0]!, depth.unitMm);
  }

  #tryExtract(frame: Uint8Array, width: number, height: number, file: string): number {
    try {
      const reason = this.#lab.extract(frame, width, height);
      if (reason === undefined) throw sizeError(this.#setup.modality.name, file, width, height);
      return reason;
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      this.#lab.wipe();
      this.#lab = newLab(this.#setup);
      return TRAPPED;
    }
  }

  /** A reference of several samples gives the best of its samples' scores. */
  #compare({ from, to }: CompareTask): void {
    const { probe, reference, members, scores } = this.#work!;
    const { extracted } = this.#setup;
    const loaded = [-1, -1, -1];
    const load = (slot: 1 | 2, sample: number): void => {
      if (loaded[slot] !== sample) this.#lab.template(slot).set(this.#templateOf(sample));
      loaded[slot] = sample;
    };
    for (let i = from; i < to; i++) {
      const p = probe[i]!;
      let best = NO_SCORE;
      if (extracted[p] === 1) {
        load(1, p);
        for (const r of members[reference[i]!]!) {
          if (extracted[r] !== 1) continue;
          load(2, r);
          best = Math.max(best, this.#lab.compare(1, 2));
        }
      }
      scores[i] = best;
    }
  }

  #templateOf(sample: number): Uint8Array {
    const { templateBytes } = this.#lab;
    return this.#setup.templates.subarray(sample * templateBytes, (sample + 1) * templateBytes);
  }
}

function newLab({ module, modality, form, depth }: Setup): Lab {
  return new Lab(module, modality.id, form, depth?.calibration);
}

/** A depth map as a picture: the nearer the brighter, over the 250 mm from its nearest point on. */
function greyDepth(frame: Uint8Array): Uint8Array {
  const depths = Array.from({ length: frame.length / 2 }, (_, i) => frame[2 * i]! | (frame[2 * i + 1]! << 8));
  const nearest = depths.reduce((least, d) => (d > 0 && d < least ? d : least), 65535);
  return Uint8Array.from(depths, (d) => (d === 0 ? 0 : Math.max(0, 255 - Math.floor((d - nearest) / 10))));
}

function sizeError(modality: Framed, file: string, width: number, height: number): KanmonError {
  return new KanmonError(
    "KAN-EVALUATE-SIZE",
    `${file}: the image takes no frames of ${width}x${height} for ${modality}`,
    `Scale or crop the pictures to what the sensor delivers (${modality}: ${sizesText(modality)}).`,
    EXIT.input,
  );
}
