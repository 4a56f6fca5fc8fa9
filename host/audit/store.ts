// The host's copy of a device's log: C2SP tlog-tiles on disk, so that any static file server can publish it and other people's
// tools can read it. Nothing is taken in that the device's signed checkpoint does not cover, and no checkpoint that does not
// continue the stored one: a fork or a rollback of the device is told, and the copy stays as it was.
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { EXIT, KanmonError } from "../errors.ts";
import { prepareState } from "../folder.ts";
import { type Checkpoint, formatVerifier, parseVerifier, type Verifier, verifyCheckpoint } from "./note.ts";
import {
  dropPartials,
  joinBundle,
  readTile,
  saveFile,
  splitBundle,
  storeError,
  TILE,
  TileTree,
  tilePath,
  tileWidth,
} from "./tiles.ts";
import { leafHash, type Nodes, sameHash, treeRoot } from "./tree.ts";

/** A log in a folder: `checkpoint`, `tile/…`, and `verifier`, the key that the log is held to from the first time on. */
export class LogStore {
  readonly folder: string;
  readonly verifier: Verifier;
  #note = "";
  #checkpoint: Checkpoint | undefined;

  private constructor(folder: string, verifier: Verifier) {
    this.folder = folder;
    this.verifier = verifier;
    this.#load();
  }

  /** Opens the copy of a log, or begins one. Throws KAN-LOG-DEVICE where the folder is of another device, KAN-LOG-STORE where it is damaged. */
  static of(folder: string, verifier: Verifier): LogStore {
    const path = join(folder, "verifier");
    if (!existsSync(path)) saveFile(path, `${formatVerifier(verifier)}\n`);
    const store = LogStore.open(folder);
    if (formatVerifier(store.verifier) === formatVerifier(verifier)) return store;
    throw new KanmonError(
      "KAN-LOG-DEVICE",
      `log: ${folder} holds the log of ${store.verifier.name}, not of ${verifier.name}`,
      "Use one folder for each device.",
    );
  }

  /** Opens an existing copy with the key kept in it. Throws KAN-LOG-ABSENT, KAN-LOG-STORE. */
  static open(folder: string): LogStore {
    const path = join(folder, "verifier");
    if (existsSync(path)) return new LogStore(folder, parseVerifier(readFileSync(path, "utf8")));
    throw new KanmonError(
      "KAN-LOG-ABSENT",
      `log: no log in ${folder}`,
      "Run a session first, or name the folder of a log.",
    );
  }

  /** How many entries are stored. */
  get size(): number {
    return this.#checkpoint?.size ?? 0;
  }

  /** The stored checkpoint, undefined in a log without entries from the device yet. */
  get checkpoint(): Checkpoint | undefined {
    return this.#checkpoint;
  }

  /** The stored checkpoint as it was signed. */
  get note(): string {
    return this.#note;
  }

  /** Node hashes, for proofs (tree.ts). */
  get nodes(): Nodes {
    return new TileTree(this.folder, this.size).nodes;
  }

  /** Entry `index`. Throws RangeError, KAN-LOG-STORE. */
  entry(index: number): Uint8Array {
    if (!Number.isInteger(index) || index < 0 || index >= this.size)
      throw new RangeError(`no entry ${index} in ${this.size}`);
    return this.#bundle(Math.floor(index / TILE))[index % TILE] as Uint8Array;
  }

  /** Entries from `from` on, in order, a bundle at a time. */
  *entries(from = 0): Generator<[index: number, entry: Uint8Array]> {
    for (let index = from; index < this.size; ) {
      for (const entry of this.#bundle(Math.floor(index / TILE)).slice(index % TILE)) yield [index++, entry];
    }
  }

  /**
   * Takes in a checkpoint of the device and the entries between the stored size and its size. All or nothing, on disk too.
   * Throws KAN-LOG-SIGNATURE, KAN-LOG-NOTE; KAN-LOG-ROLLBACK where the device's log is shorter than the copy; KAN-LOG-FORK where it
   * is another log than the copy's, or the entries are not those of the checkpoint; KAN-LOG-BUSY.
   */
  append(note: string, entries: readonly Uint8Array[]): void {
    const next = verifyCheckpoint(note, this.verifier);
    const release = this.#lock();
    try {
      this.#load();
      if (next.size < this.size) throw rollback(this.verifier.name, this.size, next.size);
      if (next.size !== this.size + entries.length)
        throw new RangeError(`${entries.length} entries do not lead from size ${this.size} to ${next.size}`);
      const tree = new TileTree(this.folder, this.size);
      for (const entry of entries) tree.append(leafHash(entry));
      if (!sameHash(treeRoot(tree.nodes, tree.size), next.root)) throw fork(this.verifier.name, this.size, next.size);
      const bundles = this.#saveBundles(entries);
      tree.save();
      saveFile(join(this.folder, "checkpoint"), note);
      tree.dropOld();
      for (const [index, width] of bundles) dropPartials(this.folder, "entries", index, width);
      this.#load();
    } finally {
      release();
    }
  }

  /** Hashes every entry anew and compares with the tiles and the signed root. Returns how many entries were checked. Throws KAN-LOG-STORE. */
  check(): number {
    const tree = new TileTree(this.folder, this.size);
    let checked = 0;
    for (const [index, entry] of this.entries()) {
      const leaf = leafHash(entry);
      if (!sameHash(tree.nodes(0, index), leaf)) throw storeError(this.folder, `entry ${index} was changed`);
      checked++;
    }
    if (this.#checkpoint && !sameHash(treeRoot(tree.nodes, this.size), this.#checkpoint.root))
      throw storeError(this.folder, "the tiles do not have the root of the checkpoint");
    return checked;
  }

  #load(): void {
    const path = join(this.folder, "checkpoint");
    if (!existsSync(path)) return;
    this.#note = readFileSync(path, "utf8");
    this.#checkpoint = verifyCheckpoint(this.#note, this.verifier);
  }

  #bundle(index: number): Uint8Array[] {
    const bundle = readTile(this.folder, "entries", index, this.size);
    return splitBundle(this.folder, bundle, tileWidth("entries", index, this.size));
  }

  /** Writes the bundles that grew; returns which, and how wide they are now. */
  #saveBundles(entries: readonly Uint8Array[]): [index: number, width: number][] {
    const written: [number, number][] = [];
    let index = Math.floor(this.size / TILE);
    let pending = this.size % TILE === 0 ? [...entries] : [...this.#bundle(index), ...entries];
    for (; pending.length > 0; index++) {
      const bundle = pending.slice(0, TILE);
      saveFile(join(this.folder, tilePath("entries", index, bundle.length)), joinBundle(bundle));
      written.push([index, bundle.length]);
      pending = pending.slice(TILE);
    }
    return written;
  }

  /** Keeps other processes from appending; a lock whose process is gone is taken over. */
  #lock(): () => void {
    prepareState(this.folder, 0o777);
    const path = join(this.folder, "lock");
    if (existsSync(path) && !isAlive(Number(readFileSync(path, "utf8")))) rmSync(path, { force: true });
    try {
      const file = openSync(path, "wx");
      writeSync(file, String(process.pid));
      closeSync(file);
    } catch (cause) {
      throw new KanmonError(
        "KAN-LOG-BUSY",
        `log: ${this.folder} is being written by another process`,
        "Try again in a moment.",
        EXIT.device,
        { cause },
      );
    }
    return () => rmSync(path, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function rollback(name: string, stored: number, size: number): KanmonError {
  return new KanmonError(
    "KAN-LOG-ROLLBACK",
    `log: ${name} signed a log of ${size} entries, but had ${stored} before: entries were taken back`,
    "Do not use the device. Keep both checkpoints as evidence; its flash was replaced by an older copy, or its software was.",
    EXIT.no,
  );
}

function fork(name: string, stored: number, size: number): KanmonError {
  return new KanmonError(
    "KAN-LOG-FORK",
    `log: the log of ${size} entries that ${name} signed does not continue the ${stored} entries stored here with those received`,
    "Read the entries again; if it stays so, do not use the device and keep both checkpoints as evidence.",
    EXIT.no,
  );
}
