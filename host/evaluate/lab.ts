// The shipped image's lab exports (docs/architecture.md), run in V8: frames in, templates and comparison scores out.
// Extraction and comparison need nothing of a board, so the board given here refuses everything: an image that asks traps.
import { isStack } from "../form.ts";
import { PART_BYTES } from "../lab/lab.ts";
import { EVIDENCE_BYTES, type Measured, measuredOf } from "../liveness/lab.ts";
import { REASONS } from "../vocabulary.ts";

/** The exports of the image that an evaluation calls. Addresses are offsets in `memory`. */
interface LabExports {
  memory: WebAssembly.Memory;
  lab_frame(modality: number, width: number, height: number, form: number): number;
  lab_calibrate?(): number;
  lab_feed?(length: number): number;
  lab_extract(): number;
  lab_template(slot: number): number;
  lab_template_bytes(modality: number, form: number): number;
  lab_quality(): number;
  lab_measured(): number;
  lab_compare(modality: number, a: number, b: number): number;
  lab_fuse?(modality: number, first: number): number;
  lab_view(id: number): number;
  lab_view_bytes(id: number): number;
}

/** The reason where a stack is not whole. */
const INCOMPLETE = REASONS.indexOf("incomplete");

/** Bytes of a quality record (assembly/vision/quality.ts). */
export const QUALITY_BYTES = 16;

/** One instance of the image for one modality and form (host/form.ts). */
export class Lab {
  readonly #exports: LabExports;
  readonly #modality: number;
  readonly #form: number;
  /** Bytes of a template. */
  readonly templateBytes: number;

  /** `calibration`: the block of a depth sensor (host/calibration/document.ts). */
  constructor(module: WebAssembly.Module, modality: number, form = 0, calibration?: Uint8Array) {
    const refuse = (name: string) => () => {
      throw new Error(`the lab exports asked the board for ${name}`);
    };
    const imports = WebAssembly.Module.imports(module).map(({ name }) => [name, refuse(name)]);
    this.#exports = new WebAssembly.Instance(module, { board: Object.fromEntries(imports) }).exports as never;
    this.#modality = modality;
    this.#form = form;
    if (calibration !== undefined)
      this.#bytes(this.#exports.lab_calibrate?.() ?? 0, calibration.length).set(calibration);
    this.templateBytes = this.#exports.lab_template_bytes(modality, form) >>> 0;
  }

  /** Extracts from a frame, 8-bit grey planes one after the other or a depth map: 0 or the modality's reason; undefined where the image does not take frames of this size. */
  extract(frame: Uint8Array, width: number, height: number): number | undefined {
    const at = this.#exports.lab_frame(this.#modality, width, height, this.#form) >>> 0;
    if (at === 0) return undefined;
    if (!isStack(this.#form)) this.#bytes(at, frame.length).set(frame);
    else if (!this.#feed(at, frame)) return INCOMPLETE;
    return this.#exports.lab_extract();
  }

  /** Gives a stack of coded pictures to the image, part by part; whether it was whole. */
  #feed(at: number, stack: Uint8Array): boolean {
    let more = 1;
    for (let from = 0; from < stack.length && more === 1; from += PART_BYTES) {
      const part = stack.subarray(from, from + PART_BYTES);
      this.#bytes(at, part.length).set(part);
      more = this.#exports.lab_feed?.(part.length) ?? -1;
    }
    return more === 0;
  }

  /** A template slot: 0 is the last extraction's, 1 and 2 are the caller's. The view is valid until the next extraction. */
  template(slot: number): Uint8Array {
    return this.#bytes(this.#exports.lab_template(slot) >>> 0, this.templateBytes);
  }

  /** The quality record of the last extraction. */
  quality(): Uint8Array {
    return this.#bytes(this.#exports.lab_quality() >>> 0, QUALITY_BYTES);
  }

  /** What was measured of the last extraction for its liveness (host/liveness/lab.ts); before the next one. */
  measured(): Measured {
    return measuredOf(this.#bytes(this.#exports.lab_measured() >>> 0, EVIDENCE_BYTES));
  }

  /** Comparison score of the templates in two slots, 0..1,000,000. */
  compare(probe: number, reference: number): number {
    const { lab_compare, lab_template } = this.#exports;
    return lab_compare(this.#modality, lab_template(probe), lab_template(reference));
  }

  /** Adds the last extraction's template to the capture in slots 1 and 2, `first`: to an empty one. Whether it is of the same presentation. */
  fuse(first: boolean): boolean {
    return this.#exports.lab_fuse?.(this.#modality, first ? 1 : 0) === 1;
  }

  /** A map behind the last extraction (assembly/lab.ts); empty where there is none. */
  view(id: number): Uint8Array {
    return this.#bytes(this.#exports.lab_view(id) >>> 0, this.#exports.lab_view_bytes(id) >>> 0);
  }

  /** Zeroes all of the instance's memory: frames, templates and everything between. It is of no use afterwards. */
  wipe(): void {
    new Uint8Array(this.#exports.memory.buffer).fill(0);
  }

  #bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#exports.memory.buffer, at, length);
  }
}
