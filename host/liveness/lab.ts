// The liveness arithmetic as the host uses it: the image's own, through its lab exports, so that calibrations are fitted and audited with the
// code that judges on the device.
import { LIVENESS_TERMS } from "../vocabulary.ts";
import { invalid, type TermName } from "./tables.ts";

interface LabExports {
  memory: WebAssembly.Memory;
  lab_frame(modality: number, width: number, height: number, form: number): number;
  lab_entropy(counts: number, bins: number, least: number): number;
  lab_evidence(tables: number, bytes: number, evidence: number, out: number): number;
}

/** What was measured of one presentation: raw terms in millibits (one that is absent was not measured), and the challenge's answers. */
export interface Measured {
  readonly terms: { readonly [term in TermName]?: number };
  readonly right?: number;
  readonly wrong?: number;
}

/** Bytes of what was measured (EVIDENCE_BYTES of assembly/liveness/evidence.ts). */
export const EVIDENCE_BYTES = 40;
/** Places in the frame that `lab_frame` gives: 320 x 240 pixels. */
const TABLES_AT = 1024;
const OUT_AT = 512;
const BINS_MAX = 4096;

/** The same bytes as the image keeps. */
export function measuredBytes({ terms, right = 0, wrong = 0 }: Measured): Uint8Array {
  const bytes = Buffer.alloc(EVIDENCE_BYTES);
  for (const [term, name] of LIVENESS_TERMS.entries()) {
    const value = terms[name];
    if (value === undefined) continue;
    bytes.writeUInt32LE(bytes.readUInt32LE(0) | (1 << term), 0);
    bytes.writeInt16LE(Math.min(Math.max(value, -32_768), 32_767), 8 + 2 * term);
  }
  bytes.writeUInt16LE(Math.min(right, 255), 4);
  bytes.writeUInt16LE(Math.min(wrong, 255), 6);
  return bytes;
}

/** What the bytes of the image say. */
export function measuredOf(bytes: Uint8Array): Measured {
  const view = Buffer.from(bytes);
  const present = view.readUInt32LE(0);
  const terms = LIVENESS_TERMS.flatMap((name, term) =>
    (present >> term) & 1 ? [[name, view.readInt16LE(8 + 2 * term)]] : [],
  );
  return { terms: Object.fromEntries(terms), right: view.readUInt16LE(4), wrong: view.readUInt16LE(6) };
}

export class LivenessLab {
  readonly #exports: LabExports;
  readonly #at: number;

  constructor(module: WebAssembly.Module) {
    const refuse = (name: string) => () => {
      throw new Error(`the lab exports asked the board for ${name}`);
    };
    const imports = WebAssembly.Module.imports(module).map(({ name }) => [name, refuse(name)]);
    this.#exports = new WebAssembly.Instance(module, { board: Object.fromEntries(imports) }).exports as never;
    this.#at = this.#exports.lab_frame(1, 320, 240, 0) >>> 0;
  }

  /** Entropy of a histogram, millibits; -1: fewer than `least` samples a bin (16 for a term), more than 4,096 samples, or none. */
  entropy(counts: readonly number[], least = 16): number {
    if (counts.length > BINS_MAX) return -1;
    const bytes = Buffer.alloc(4 * counts.length);
    for (const [i, count] of counts.entries()) bytes.writeUInt32LE(count, 4 * i);
    return this.#exports.lab_entropy(this.#put(0, bytes), counts.length, least);
  }

  /** Evidence against each class of encoded tables, in their order, millibits. Throws KAN-LIVENESS-INVALID. */
  evidence(tables: Uint8Array, measured: Measured): number[] {
    const out = this.#at + OUT_AT;
    const count = this.#exports.lab_evidence(
      this.#put(TABLES_AT, tables),
      tables.length,
      this.#put(0, measuredBytes(measured)),
      out,
    );
    if (count < 0) throw invalid("the image does not take these tables");
    return [...new Int32Array(this.#exports.memory.buffer, out, count)];
  }

  #put(offset: number, bytes: Uint8Array): number {
    new Uint8Array(this.#exports.memory.buffer, this.#at + offset, bytes.length).set(bytes);
    return this.#at + offset;
  }
}
