// Whether an image and its firmware fit a board: what takes how much of which memory, before anything is written. What only a linked
// firmware tells is added when there is one; all else is known before compiling.

import { EXIT, KanmonError } from "../errors.ts";
import { type BoardFacts, type Engine, MODALITIES } from "./board.ts";
import type { Elf } from "./elf.ts";
import type { SessionMemory } from "./session-memory.ts";

/** Something that takes memory. */
export interface FitPart {
  readonly what: string;
  readonly bytes: number;
  /** Not counted but worked out, from measurements on other images. */
  readonly estimate?: true;
}

/** A memory and what is in it. */
export interface FitArea {
  readonly area: string;
  readonly room: number;
  readonly parts: readonly FitPart[];
  readonly used: number;
  readonly fits: boolean;
  /** What to do if it does not fit. */
  readonly help: string;
}

/** What is to be put on a board. */
export interface ToFit {
  readonly board: BoardFacts;
  readonly engine: Engine;
  /** Bytes of the image's code that the board compiles (`compiledBytes`). */
  readonly codeBytes: number;
  /** The image for recovery. */
  readonly recovery: Uint8Array;
  /** Bytes of the signed image; undefined: none is made. */
  readonly signedBytes: number | undefined;
  /** Linear memory that sessions need, smallest first; the first of each modality must be served. */
  readonly sessions: readonly SessionMemory[];
  /** The linked firmware, when there is one. */
  readonly elf?: Elf;
}

/**
 * wasm3's compiled form for each byte of code section, and its other structures, by the width of a pointer: measured on Cortex-M7 and x86-64
 * (the lab firmware's pool_peak) with 3 % on top. A test holds it against what the pool of a running firmware says.
 */
const WASM3 = { 32: { factor: 4.5, fixed: 17_408 }, 64: { factor: 8.5, fixed: 32_768 } } as const;

/** wasm3 asks for its compiled form in pages of this size (boards/port/sources.json): where a region ends, one may find no room. */
const CODE_PAGE = 4_096;

/** Sections that the table names one by one; whatever else is writable is the runner's data. */
const RESERVED: readonly string[] = [".linear", ".pool", ".pool_more", ".stack"];

/** What takes how much. */
export function fitAreas({ board, engine, codeBytes, recovery, signedBytes, sessions, elf }: ToFit): FitArea[] {
  const { memory, flash } = board;
  const areas = [linearArea(board, sessions)];
  if (engine === "wasm3") areas.push(poolArea(board, codeBytes, elf));
  const wasmStack = engine === "wasm3" ? memory.wasm_stack : 0; // among the runner's data
  const data =
    elf && total(elf, ({ allocated, writable, name }) => allocated && writable && !RESERVED.includes(name)) - wasmStack;
  areas.push(
    area("RAM", board.ram.bytes, "make memory.linear or memory.pool in board.json smaller, or take the engine aot", [
      { what: "linear memory", bytes: memory.linear },
      ...(engine === "wasm3" ? [{ what: "pool of the engine", bytes: memory.pool + memory.pool_more }] : []),
      ...(engine === "wasm3" ? [{ what: "WASM stack", bytes: wasmStack }] : []),
      { what: "C stack", bytes: memory.c_stack },
      ...(data === undefined ? [] : [{ what: "data of the runner", bytes: data }]),
    ]),
  );
  if (elf) {
    const bytes = elf.segments.reduce((sum, segment) => sum + segment.bytes, 0);
    areas.push(
      area("code flash", board.code.bytes, "take the engine wasm3, which keeps the image out of the firmware", [
        { what: "recovery image", bytes: recovery.length },
        {
          what: engine === "aot" ? "runner, boot and compiled image" : "runner, boot and engine",
          bytes: bytes - recovery.length,
        },
      ]),
    );
  }
  if (signedBytes !== undefined)
    areas.push(
      area("slot", flash.partitions.slot_a.bytes, "make slot_a and slot_b in board.json larger", [
        { what: "signed image", bytes: signedBytes },
      ]),
    );
  return areas;
}

/** Throws KAN-BUILD-FIT if something does not fit, with every memory that is too small. */
export function needFit(areas: readonly FitArea[], board: string): void {
  const faults = areas.filter(({ fits }) => !fits);
  if (faults.length === 0) return;
  const what = faults.map(({ area, used, room }) => `${area} is ${group(used - room)} bytes too large`);
  const todo = [...new Set(faults.map(({ help }) => help))].join("; ");
  throw new KanmonError(
    "KAN-BUILD-FIT",
    `does not fit ${board}: ${what.join(", ")}`,
    `${todo[0]?.toUpperCase()}${todo.slice(1)}. Nothing was written.`,
    EXIT.input,
  );
}

/** The table for people. */
export function fitTable(areas: readonly FitArea[]): string {
  const row = (what: string, bytes: string, rest = "") => `${what.padEnd(36)}${bytes.padStart(11)}${rest}`.trimEnd();
  return areas
    .flatMap(({ area, room, used, fits, parts }) => [
      row(area, group(used), ` of ${group(room)} bytes${fits ? "" : `: ${group(used - room)} TOO MANY`}`),
      ...(parts.length > 1
        ? parts.map(({ what, bytes, estimate }) => row(`  ${what}`, group(bytes), estimate ? " (estimate)" : ""))
        : parts.map(({ what }) => `  ${what}`)),
    ])
    .join("\n");
}

function linearArea({ memory }: BoardFacts, sessions: ToFit["sessions"]): FitArea {
  // Of each modality the most that fits, or the least there is; sessions take turns in the same memory.
  const most = new Map<SessionMemory["modality"], SessionMemory>();
  for (const session of sessions)
    if (!most.has(session.modality) || session.bytes <= memory.linear) most.set(session.modality, session);
  const words = [...most.values()].map(({ modality, frames }) => `${modality} ${frames}`);
  return area("linear memory", memory.linear, "make memory.linear in board.json larger", [
    {
      what: `a session of ${words.join(", or ")}`,
      bytes: Math.max(0, ...[...most.values()].map(({ bytes }) => bytes)),
    },
  ]);
}

function poolArea({ memory, toolchain, modalities }: BoardFacts, codeBytes: number, elf: Elf | undefined): FitArea {
  const room = memory.pool + memory.pool_more;
  const help = "make memory.pool or memory.pool_more in board.json larger, or take the engine aot";
  // Before there is a firmware: only this machine's own compiler makes 64-bit ones.
  const { factor, fixed } = WASM3[elf?.bits ?? (toolchain.prefix === "" ? 64 : 32)];
  return area("pool of the engine", room, help, [
    {
      what: `compiled form of the image${modalities.length < MODALITIES.length ? ` for ${modalities.join(", ")}` : ""}`,
      bytes: Math.ceil(codeBytes * factor),
      estimate: true,
    },
    { what: "other structures", bytes: fixed, estimate: true },
    ...(memory.pool_more > 0 ? [{ what: "end of the first region", bytes: CODE_PAGE, estimate: true as const }] : []),
  ]);
}

function area(name: string, room: number, help: string, parts: readonly FitPart[]): FitArea {
  const used = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  return { area: name, room, parts, used, fits: used <= room, help };
}

function total(elf: Elf, which: (section: Elf["sections"][number]) => boolean): number {
  return elf.sections.filter(which).reduce((sum, { bytes }) => sum + bytes, 0);
}

function group(n: number): string {
  return n.toLocaleString("en-US");
}
