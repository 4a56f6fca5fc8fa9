// The tiles of a log on disk (c2sp.org/tlog-tiles): where they are, reading and writing them whole or not at all, and a tree that
// grows on top of them. A tile has 256 hashes; at level L each is the root of a perfect subtree of 256^L leaves.
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { KanmonError } from "../errors.ts";
import { writeWhole } from "../whole-file.ts";
import { type Hash, type Nodes, nodesOf } from "./tree.ts";

/** Hashes of a full tile. */
export const TILE = 256;

/** Path of a tile: level (or "entries"), its index as x001/x234/067, and its width if it is not full. */
export function tilePath(level: number | "entries", index: number, width: number): string {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, "0");
  const parts = (digits.match(/\d{3}/g) as string[]).map((part, i, all) => (i < all.length - 1 ? `x${part}` : part));
  return `tile/${level}/${parts.join("/")}${width < TILE ? `.p/${width}` : ""}`;
}

/** Saves a file of the log, and the folders it lies in: a reader, or a power cut, sees the old or the new one whole. */
export function saveFile(path: string, data: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeWhole(path, data, 0o644);
}

/** Reads a tile of a log of `size` leaves. Throws KAN-LOG-STORE where it is missing. */
export function readTile(folder: string, level: number | "entries", index: number, size: number): Uint8Array {
  const path = tilePath(level, index, tileWidth(level, index, size));
  try {
    return new Uint8Array(readFileSync(join(folder, path)));
  } catch (cause) {
    throw storeError(folder, `${path} is missing`, cause);
  }
}

/** How many hashes (or entries) a tile has in a log of `size` leaves. */
export function tileWidth(level: number | "entries", index: number, size: number): number {
  const hashes = Math.floor(size / TILE ** (level === "entries" ? 0 : level));
  return Math.min(TILE, hashes - index * TILE);
}

/** Removes the partial forms of a tile but that of `width`, which the log no longer needs. */
export function dropPartials(folder: string, level: number | "entries", index: number, width: number): void {
  const partials = dirname(join(folder, tilePath(level, index, 1)));
  if (width === TILE) rmSync(partials, { recursive: true, force: true });
  else
    for (const name of readdirSync(partials)) if (name !== String(width)) rmSync(join(partials, name), { force: true });
}

/** The entries of a bundle: each a big-endian length of two bytes and that many bytes. Throws KAN-LOG-STORE. */
export function splitBundle(folder: string, bundle: Uint8Array, width: number): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (entries.length < width) {
    const length = at + 2 <= bundle.length ? ((bundle[at] as number) << 8) | (bundle[at + 1] as number) : Number.NaN;
    if (!(at + 2 + length <= bundle.length)) throw storeError(folder, "an entry bundle is cut");
    entries.push(bundle.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  if (at !== bundle.length) throw storeError(folder, "an entry bundle has bytes after its last entry");
  return entries;
}

/** Entries as a bundle. Throws RangeError for an entry of 64 KiB or more, which a bundle cannot hold. */
export function joinBundle(entries: readonly Uint8Array[]): Uint8Array {
  const long = entries.findIndex((entry) => entry.length > 0xffff);
  if (long >= 0) throw new RangeError(`entry ${long} of the bundle is too long`);
  return Buffer.concat(entries.flatMap((entry) => [Buffer.of(entry.length >> 8, entry.length & 255), entry]));
}

/** A tree whose older hashes are tiles on disk; leaves appended are kept in memory until `save`. */
export class TileTree {
  readonly #folder: string;
  readonly #stored: number;
  readonly #tiles = new Map<string, Hash[]>();
  readonly #dirty = new Map<string, [level: number, index: number]>();
  #size: number;

  constructor(folder: string, size: number) {
    this.#folder = folder;
    this.#stored = this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  /** Any node of the tree, from the tile that holds its leaves or their roots. */
  readonly nodes: Nodes = (level, index) => {
    const below = level % 8;
    const first = index * 2 ** below;
    const tile = this.#tile(Math.floor(level / 8), Math.floor(first / TILE));
    const hashes = tile.slice(first % TILE, (first % TILE) + 2 ** below);
    if (hashes.length < 2 ** below) throw new RangeError(`no node ${index} at level ${level}`);
    return nodesOf(hashes)(below, 0);
  };

  append(leaf: Hash): void {
    let hash = leaf;
    for (let level = 0; ; level++) {
      const position = Math.floor(this.#size / TILE ** level);
      const index = Math.floor(position / TILE);
      const tile = position % TILE === 0 ? this.#begin(level, index) : this.#tile(level, index);
      tile.push(hash);
      this.#dirty.set(`${level}/${index}`, [level, index]);
      if (tile.length < TILE) break;
      hash = nodesOf(tile)(8, 0);
    }
    this.#size++;
  }

  /** Writes the tiles that grew. Those of the tree as it was stay, until `dropOld`. */
  save(): void {
    for (const [level, index] of this.#dirty.values()) {
      const hashes = this.#tile(level, index);
      saveFile(join(this.#folder, tilePath(level, index, hashes.length)), Buffer.concat(hashes));
    }
  }

  /** Removes partial tiles that the grown tree replaced. */
  dropOld(): void {
    for (const [level, index] of this.#dirty.values())
      dropPartials(this.#folder, level, index, this.#tile(level, index).length);
    this.#dirty.clear();
  }

  #begin(level: number, index: number): Hash[] {
    const tile: Hash[] = [];
    this.#tiles.set(`${level}/${index}`, tile);
    return tile;
  }

  #tile(level: number, index: number): Hash[] {
    const known = this.#tiles.get(`${level}/${index}`);
    if (known) return known;
    if (tileWidth(level, index, this.#stored) < 1) throw new RangeError(`no tile ${index} at level ${level}`);
    const bytes = readTile(this.#folder, level, index, this.#stored);
    if (bytes.length !== 32 * tileWidth(level, index, this.#stored)) throw storeError(this.#folder, "a tile is cut");
    const tile = this.#begin(level, index);
    for (let at = 0; at < bytes.length; at += 32) tile.push(bytes.subarray(at, at + 32));
    return tile;
  }
}

/** The local copy is not what it should be. */
export function storeError(folder: string, what: string, cause?: unknown): KanmonError {
  return new KanmonError(
    "KAN-LOG-STORE",
    `log: the copy in ${folder} is damaged: ${what}`,
    "Restore the folder from its backup; what the device has not released yet can be read from it again.",
    undefined,
    { cause },
  );
}
