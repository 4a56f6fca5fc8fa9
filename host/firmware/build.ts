// Builds a board's firmware: checks what can be checked, generates, compiles, links, checks again, and only then writes what is to be
// flashed (docs/architecture.md, "Boards"). The same inputs give the same bytes.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { EXIT, KanmonError } from "../errors.ts";
import { outputError, prepareFolder } from "../folder.ts";
import { signImage } from "../image/sign.ts";
import { formatVersion, parseVersion } from "../image/version.ts";
import { projectRoot } from "../root.ts";
import { compiledImage } from "./aot.ts";
import type { Board, Engine } from "./board.ts";
import { waitForTurn } from "./build-lock.ts";
import { compiledBytes } from "./code-bytes.ts";
import { compile, objectPath, run, type Unit } from "./compile.ts";
import { type Compiler, needCompiler } from "./compiler.ts";
import { sha256 } from "./digest.ts";
import { readElf } from "./elf.ts";
import { type FitArea, fitAreas, needFit } from "./fit.ts";
import { boardConfig, boardNumbers, recoverySource, rootKeysSource, writeGenerated } from "./generate.ts";
import { type BuildKeys, buildKeys } from "./keys.ts";
import { notices } from "./notices.ts";
import { makeOutputs } from "./outputs.ts";
import { sessionMemory } from "./session-memory.ts";
import { type FirmwareSources, loadSources } from "./sources.ts";

export interface BuildOptions {
  readonly board: Board;
  /** One that the board offers; its first if left out. */
  readonly engine?: Engine | undefined;
  /** The lab firmware: for measuring, never shipped. */
  readonly lab?: boolean;
  /** With the address and undefined-behaviour sanitizers; native boards only. */
  readonly sanitize?: boolean;
  /** Signs the application image: a PEM file or a pkcs11: URI; the development key if left out. */
  readonly key?: string | undefined;
  /** Keys whose images the board takes: PEM files or pkcs11: URIs; the signing key's if left out. */
  readonly rootKeys?: readonly string[];
  readonly imageVersion?: string | undefined;
  readonly securityCounter?: number;
  /** Where builds go; `build/boards` of the project if left out. */
  readonly out?: string;
  /** Told of each object that is ready. */
  onProgress?(done: number, total: number): void;
  /** Told what takes how much: before compiling, and again when linked. */
  onFit?(areas: readonly FitArea[], linked: boolean): void;
}

/** A file of the firmware. */
export interface FirmwareFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What was built: the content of firmware.json, and where it lies. */
export interface Firmware {
  readonly folder: string;
  readonly elf: string;
  /** The signed application image; undefined if no key of the board's was there to sign it. */
  readonly image: string | undefined;
  readonly facts: FirmwareFacts;
}

export interface FirmwareFacts {
  readonly board: string;
  readonly engine: Engine;
  readonly kind: "product" | "lab";
  readonly compiler: string;
  /** SHA-256 of kanmon.wasm and of recovery.wasm. */
  readonly image_digest: string;
  readonly recovery_digest: string;
  readonly image_version: string;
  readonly security_counter: number;
  readonly root_keys: readonly { readonly keyhash: string; readonly development: boolean }[];
  readonly fit: readonly FitArea[];
  readonly files: readonly FirmwareFile[];
}

/**
 * Builds, or finds that all is up to date. Throws KAN-BUILD-ENGINE, KAN-BUILD-SANITIZE, KAN-BUILD-IMAGE, KAN-TOOL-MISSING, KAN-BUILD-FIT (then
 * nothing was written to what is flashed), KAN-BUILD-SOURCES, KAN-BUILD-COMPILE, KAN-OUTPUT-FOLDER, -FULL, and what reading keys throws.
 */
export async function buildFirmware(options: BuildOptions): Promise<Firmware> {
  const { board, lab = false, sanitize = false } = options;
  const engine = chooseEngine(board, options.engine);
  if (sanitize && board.toolchain.prefix !== "") throw sanitizeError(board.name);
  const compiler = needCompiler(board);
  const wasm = readWasm("kanmon.wasm");
  const recovery = readWasm("recovery.wasm");
  const keys = buildKeys(options.key, options.rootKeys);
  const version = parseVersion(options.imageVersion ?? projectVersion());
  const securityCounter = options.securityCounter ?? 0;
  const signed = keys.signer && signImage({ wasm, version, securityCounter, signer: keys.signer });
  const toFit = {
    board,
    engine,
    codeBytes: compiledBytes(wasm, board),
    recovery,
    signedBytes: signed?.length,
    sessions: await sessionMemory(wasm, board.modalities),
  };
  const before = fitAreas(toFit);
  options.onFit?.(before, false);
  needFit(before, board.name);

  const folder = join(
    options.out ?? join(projectRoot(), "build", "boards"),
    board.name,
    [engine, ...(lab ? ["lab"] : []), ...(sanitize ? ["sanitize"] : [])].join("-"),
  );
  prepareFolder(folder);
  const done = await waitForTurn(join(folder, "lock"));
  try {
    const linked = await link({ ...options, board, engine, lab, sanitize, folder, compiler, wasm, recovery, keys });
    const elf = readElf(readFileSync(linked));
    const areas = fitAreas({ ...toFit, elf });
    options.onFit?.(areas, true);
    needFit(areas, board.name);
    const stem = join(folder, `kanmon-${board.name}`);
    renameSync(linked, `${stem}.elf`);
    const files = await makeOutputs(board, compiler, stem, elf);
    const image = signed && join(folder, "kanmon-image.bin");
    if (image) writeFileSync(image, signed);
    else rmSync(join(folder, "kanmon-image.bin"), { force: true });
    writeFileSync(join(folder, "NOTICES.txt"), notices({ engine, prefix: board.toolchain.prefix }));
    const facts: FirmwareFacts = {
      board: board.name,
      engine,
      kind: lab ? "lab" : "product",
      compiler: compiler.version,
      image_digest: sha256(wasm),
      recovery_digest: sha256(recovery),
      image_version: formatVersion(version),
      security_counter: securityCounter,
      root_keys: keys.roots.map(({ hash, development }) => ({
        keyhash: Buffer.from(hash).toString("hex"),
        development,
      })),
      fit: areas,
      files: [...files, ...(image ? [image] : []), join(folder, "NOTICES.txt")].map(fileFacts),
    };
    writeFileSync(join(folder, "firmware.json"), `${JSON.stringify(facts, null, 2)}\n`);
    return { folder, elf: `${stem}.elf`, image, facts };
  } catch (error) {
    const full = ["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException).code ?? "");
    throw full ? outputError(folder, error) : error;
  } finally {
    done();
  }
}

interface Linking {
  readonly board: Board;
  readonly engine: Engine;
  readonly lab: boolean;
  readonly sanitize: boolean;
  readonly folder: string;
  readonly compiler: Compiler;
  readonly wasm: Uint8Array;
  readonly recovery: Uint8Array;
  readonly keys: BuildKeys;
  onProgress?(done: number, total: number): void;
}

/** Generates, compiles and links; returns the linked file, which has no place yet among what is flashed. */
async function link(linking: Linking): Promise<string> {
  const { board, folder, compiler, sanitize, onProgress } = linking;
  const root = projectRoot();
  const sources = loadSources(linking.engine, linking.lab);
  const generated = join(folder, "generated");
  const made = writeGenerated(generated, {
    "board-config.h": boardConfig(board),
    "root-keys.c": rootKeysSource(linking.keys.roots),
    "recovery-image.c": recoverySource(linking.recovery),
  });
  const compiled = linking.engine === "aot" ? compiledImage(linking.wasm, linking.recovery, generated) : undefined;
  const common = [
    ...board.toolchain.flags,
    ...sources.flags,
    ...(sanitize ? SANITIZE : []),
    `-ffile-prefix-map=${root}=.`,
    `-ffile-prefix-map=${folder}=build`,
    ...[generated, board.folder, join(root, "boards", "port"), ...sources.include].map((path) => `-I${path}`),
  ];
  const unit = (source: string, flags: readonly string[]): Unit => ({
    source,
    object: objectPath(folder, source, root),
    flags: [...common, ...flags],
  });
  const own = (source: string): Unit => unit(source, sources.own);
  const units = [
    ...board.sources.map((source) => own(join(board.folder, source))),
    ...sources.groups.flatMap(({ sources, include, flags }) =>
      sources.map((source) => unit(source, [...flags, ...include.map((path) => `-I${path}`)])),
    ),
    ...made.filter((path) => path.endsWith(".c")).map(own),
    ...(compiled?.sources.map((source) => unit(source, compiled.flags)) ?? []),
  ];
  await compile(compiler, units, root, (done) => onProgress?.(done, units.length));
  const linked = join(folder, "objects", `kanmon-${board.name}.elf`);
  const args = [...board.toolchain.flags, ...(sanitize ? SANITIZE : []), ...units.map(({ object }) => object)];
  await run(compiler.gcc, [...args, ...linkFlags(board, sources), "-o", linked], root);
  return linked;
}

const SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"];

/** Linker scripts know the numbers of board.json by the names of board-config.h. */
function linkFlags(board: Board, sources: FirmwareSources): string[] {
  const script = board.linker
    ? [
        ...["-T", join(board.folder, board.linker), `-L${board.folder}`],
        ...boardNumbers(board).map(([name, value]) => `-Wl,--defsym=${name}=${value}`),
      ]
    : [];
  return [...script, ...board.toolchain.link, ...sources.link, "-Wl,--build-id=none"];
}

function chooseEngine(board: Board, wanted: Engine | undefined): Engine {
  const engine = wanted ?? board.engines[0]!;
  if (board.engines.includes(engine)) return engine;
  throw new KanmonError(
    "KAN-BUILD-ENGINE",
    `board ${board.name} does not offer the engine ${engine}`,
    `It offers ${board.engines.join(" and ")}; board.json says which.`,
    EXIT.usage,
  );
}

function sanitizeError(name: string): KanmonError {
  return new KanmonError(
    "KAN-BUILD-SANITIZE",
    `board ${name} has no sanitizers`,
    "They need an operating system: take native_sim.",
    EXIT.usage,
  );
}

/** An image of the project's own build. */
function readWasm(name: string): Uint8Array {
  const path = join(projectRoot(), "build", name);
  if (existsSync(path)) return readFileSync(path);
  throw new KanmonError("KAN-BUILD-IMAGE", `${path} is not there`, "Build the images: npm run build.", EXIT.input);
}

function projectVersion(): string {
  return (JSON.parse(readFileSync(join(projectRoot(), "package.json"), "utf8")) as { version: string }).version;
}

function fileFacts(path: string): FirmwareFile {
  const content = readFileSync(path);
  return { name: basename(path), bytes: content.length, sha256: sha256(content) };
}
