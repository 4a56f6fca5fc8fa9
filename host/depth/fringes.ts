// Fringe pictures of any size through the decoder of the shipped image, in V8: in tiles that overlap, since the image's memory is a reader's.
// What the decoder knows of the whole (harmonics, what is wrong with the pictures) it keeps from tile to tile (assembly/face/head.ts).
import { type Geometry, geometryBytes } from "../calibration/document.ts";

/** What was projected (assembly/face/pattern.ts): steps of each period, from 1 fringe on; or of one period, and bits of Gray code. */
export interface Pattern {
  readonly steps: number;
  readonly bits: number;
  readonly periods: readonly number[];
}

/** Pictures of a stack. */
export const pictureCount = ({ steps, bits, periods }: Pattern): number => steps * periods.length + bits;

/** A picture, or a part of one, decoded; row by row. */
export interface Decoded {
  /** REASONS of host/vocabulary.ts. */
  readonly reason: number;
  /** Radians of the finest fringe, NaN: none. */
  readonly phase: Float32Array;
  /** Millimetres along the camera's axis, 0: none. */
  readonly depth: Float32Array | undefined;
  /** Amplitude of the finest fringe, grey levels. */
  readonly amplitude: Uint8Array;
  /** Why there is no phase: FLAG_… of assembly/face. */
  readonly flags: Uint8Array;
  /** Standard deviation of the phase before filtering, rad, as neighbours show it. */
  readonly noise: number;
  /** Noise of the pictures, grey levels: what no fringe of the period with the least explains; undefined where three steps explain everything. */
  readonly greyNoise: number | undefined;
}

interface Exports {
  memory: WebAssembly.Memory;
  lab_fringes(width: number, height: number, strip: number): number;
  lab_fringe_row(picture: number, row: number): void;
  lab_fringes_end(): number;
  lab_fringes_view(id: number): number;
  lab_depth(left: number, top: number, width: number, height: number): number;
}

const VIEW = { setup: 0, phase: 1, amplitude: 2, flags: 3, head: 4 } as const;
const STRIP = { first: 0, next: 1, again: 2 } as const;
/** Of assembly/face: pattern's bytes; in the head, the noise, and the checks' periods with what is left over. */
const PATTERN_BYTES = 32;
const GEOMETRY_BYTES = 64;
const HEAD = { noise: 640, periods: 704, periodBytes: 88, left: 4, leftSecond: 8, second: 12, used: 80 } as const;
/** Bytes of work space a tile may take; the image has 1 MiB in all. */
const TILE_BYTES = 880_000;
const TILE_WIDTH = 4096;
/** Pixels around a tile that its results depend on. */
const BORDER = 1;

interface Tile {
  /** The part that is read. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** The part that it is responsible for. */
  readonly from: { readonly x: number; readonly y: number };
  readonly to: { readonly x: number; readonly y: number };
}

/** One instance of the image, for fringe pictures. */
export class FringeDecoder {
  readonly #exports: Exports;

  constructor(module: WebAssembly.Module) {
    const refuse = (name: string) => () => {
      throw new Error(`the lab exports asked the board for ${name}`);
    };
    const imports = WebAssembly.Module.imports(module).map(({ name }) => [name, refuse(name)]);
    this.#exports = new WebAssembly.Instance(module, { board: Object.fromEntries(imports) }).exports as never;
  }

  /** Bytes of linear memory. */
  get memoryBytes(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  /**
   * Decodes a stack of 8-bit pictures. With a calibration, which is one that `calibrationFault` found nothing against, also to depth.
   * `progress` is told of tiles.
   */
  decode(
    pattern: Pattern,
    width: number,
    height: number,
    pictures: readonly Uint8Array[],
    calibration?: Geometry,
    progress: (done: number, total: number) => void = () => {},
  ): Decoded {
    this.#setUp(pattern, calibration);
    const pixels = width * height;
    const phase = new Float32Array(pixels);
    const depth = calibration && new Float32Array(pixels);
    const amplitude = new Uint8Array(pixels);
    const flags = new Uint8Array(pixels);
    const tiles = layOut(width, height, pattern.steps);
    // With few steps the harmonics are learned from all of it first.
    const passes = pattern.steps < 4 && tiles.length > 1 ? 2 : 1;
    let reason = 0;
    for (let pass = 0, done = 0; pass < passes; pass++) {
      for (const tile of tiles) {
        const strip = pass > 0 ? STRIP.again : tile === tiles[0] ? STRIP.first : STRIP.next;
        reason = this.#tile(tile, strip, width, pictures);
        progress(++done, passes * tiles.length);
        if (pass < passes - 1) continue;
        const { memory, lab_fringes_view, lab_depth } = this.#exports;
        const at = (view: number): number => lab_fringes_view(view) >>> 0;
        const count = tile.width * tile.height;
        copyOut(tile, new Uint8Array(memory.buffer, at(VIEW.amplitude), count), amplitude, width);
        copyOut(tile, new Uint8Array(memory.buffer, at(VIEW.flags), count), flags, width);
        copyOut(tile, new Float32Array(memory.buffer, at(VIEW.phase), count), phase, width);
        if (depth === undefined) continue;
        lab_depth(tile.left, tile.top, width, height);
        copyOut(tile, new Float32Array(memory.buffer, at(VIEW.phase), count), depth, width);
      }
    }
    return { reason, phase, depth, amplitude, flags, ...this.#numbers(pattern) };
  }

  /** What is wrong with a calibration for pictures of this size: a number of CALIBRATION_FAULTS, 0 nothing. */
  calibrationFault(pattern: Pattern, width: number, height: number, calibration: Geometry): number {
    this.#setUp(pattern, calibration);
    this.#exports.lab_fringes(8, 8, STRIP.first);
    return Math.max(0, -this.#exports.lab_depth(0, 0, width, height));
  }

  /** Zeroes all of the instance's memory. It is of no use afterwards. */
  wipe(): void {
    new Uint8Array(this.#exports.memory.buffer).fill(0);
  }

  #setUp({ steps, bits, periods }: Pattern, calibration: Geometry | undefined): void {
    const { memory, lab_fringes_view } = this.#exports;
    const at = lab_fringes_view(VIEW.setup) >>> 0;
    const words = new Uint16Array(memory.buffer, at, PATTERN_BYTES / 2).fill(0);
    words.set([steps, bits, periods.length, ...periods]);
    const geometry = new Uint8Array(memory.buffer, at + PATTERN_BYTES, GEOMETRY_BYTES).fill(0);
    if (calibration) geometry.set(geometryBytes(calibration));
  }

  #tile(tile: Tile, strip: number, width: number, pictures: readonly Uint8Array[]): number {
    const { memory, lab_fringes, lab_fringe_row, lab_fringes_end } = this.#exports;
    const at = lab_fringes(tile.width, tile.height, strip) >>> 0;
    if (at === 0) throw new Error(`the image does not decode tiles of ${tile.width}x${tile.height} pixels`);
    const target = new Uint8Array(memory.buffer, at, tile.width);
    pictures.forEach((pixels, picture) => {
      for (let row = 0, from = tile.top * width + tile.left; row < tile.height; row++, from += width) {
        target.set(pixels.subarray(from, from + tile.width));
        lab_fringe_row(picture, row);
      }
    });
    return lab_fringes_end();
  }

  #numbers({ steps, periods }: Pattern): Pick<Decoded, "noise" | "greyNoise"> {
    const { memory, lab_fringes_view } = this.#exports;
    const head = new DataView(memory.buffer, lab_fringes_view(VIEW.head) >>> 0);
    const f32 = (at: number): number => head.getFloat32(at, true);
    // Of three independent values a second difference halved has 3/2 of the variance.
    const noise = 2 * Math.PI * Math.sqrt(f32(HEAD.noise) / 1.5 / Math.max(1, head.getUint32(HEAD.noise + 4, true)));
    if (steps === 3) return { noise, greyNoise: undefined };
    // Of the finest fringes more is left over than the camera's noise, such as harmonics that vary from pixel to pixel.
    const left = periods.map((_, period) => {
      const at = HEAD.periods + HEAD.periodBytes * period;
      const squares = f32(at + HEAD.left) - f32(at + HEAD.leftSecond) ** 2 / Math.max(1, f32(at + HEAD.second));
      return Math.max(0, squares) / (steps - 3) / Math.max(1, f32(at + HEAD.used));
    });
    return { noise, greyNoise: Math.sqrt(Math.min(...left)) };
  }
}

/** Tiles of a picture: as large as they may be, overlapping by the border on each side. */
function layOut(width: number, height: number, steps: number): Tile[] {
  const columns = Math.ceil(width / TILE_WIDTH);
  const wide = Math.ceil(width / columns) + 2 * BORDER;
  const perRow = wide * ((steps === 4 ? 8 : 12) + steps / 16 + 1);
  const rows = Math.ceil(height / Math.max(1, Math.floor(TILE_BYTES / perRow) - 2 * BORDER));
  const tiles: Tile[] = [];
  for (let j = 0; j < rows; j++)
    for (let i = 0; i < columns; i++) {
      const from = { x: Math.floor((i * width) / columns), y: Math.floor((j * height) / rows) };
      const to = { x: Math.floor(((i + 1) * width) / columns), y: Math.floor(((j + 1) * height) / rows) };
      const left = Math.max(0, from.x - BORDER);
      const top = Math.max(0, from.y - BORDER);
      tiles.push({
        left,
        top,
        width: Math.min(width, to.x + BORDER) - left,
        height: Math.min(height, to.y + BORDER) - top,
        from,
        to,
      });
    }
  return tiles;
}

/** Copies what a tile is responsible for into the whole: at once where it is as wide. */
function copyOut<T extends Uint8Array | Float32Array>(tile: Tile, part: T, whole: T, stride: number): void {
  const { left, top, width, from, to } = tile;
  const step = width === stride ? to.y - from.y : 1;
  for (let y = from.y; y < to.y; y += step) {
    const at = (y - top) * width - left;
    const end = at + (step - 1) * width + to.x;
    whole.set(part.subarray(at + from.x, end) as never, y * stride + from.x);
  }
}
