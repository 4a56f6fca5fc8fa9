// `kanmon sim --board B --once` as people run it: firmware built, started, flashed over its line, the round of `npm start`, and records as V8
// makes them. On this computer, and on each emulated board whose compiler and emulator are installed.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Board, type Engine, loadBoards } from "../../host/firmware/board.ts";
import { findProgram, hasCompiler } from "../../host/firmware/compiler.ts";

interface Answer {
  passed: boolean;
  board: string;
  engine: string;
  same_record_as_v8: boolean;
  visits: { modality: string; decision: string }[];
  proof: { verified: boolean };
}

function kanmon(...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join("bin", "kanmon.js"), ...args]);
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (text) => (stdout += text));
    child.stderr.on("data", (text) => (stderr += text));
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

/** Processes of this machine that run a board's firmware (not the lab's, with which other tests are at work), by what they were started with. */
function firmwareProcesses(board: string, engine: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
      } catch {
        return "";
      }
    })
    .filter((line) => line.includes(`/${engine}/kanmon-${board}.elf`));
}

const ALL = ["iris", "palm", "face"];

async function round(board: string, engine: string, modality?: string): Promise<void> {
  const before = firmwareProcesses(board, engine).length;
  const only = modality === undefined ? [] : ["--modality", modality];
  const args = ["sim", "--board", board, "--engine", engine, ...only, "--once", "--json"];
  const { status, stdout, stderr } = await kanmon(...args);
  expect(status, stderr).toBe(0);
  const answer = JSON.parse(stdout) as Answer;
  expect(answer).toMatchObject({ passed: true, board, engine, same_record_as_v8: true, proof: { verified: true } });
  for (const one of modality === undefined ? ALL : [modality]) {
    const decisions = answer.visits.filter(({ modality }) => modality === one).map(({ decision }) => decision);
    expect(decisions, one).toEqual(["enrolled", "accept", "reject"]);
  }
  expect(firmwareProcesses(board, engine).length).toBeLessThanOrEqual(before);
}

const LONG_MS = 600_000;

describe.skipIf(!findProgram("gcc"))("the firmware on this computer", () => {
  it("runs the round in wasm3", () => round("native_sim", "wasm3"), LONG_MS);
  it.skipIf(!findProgram("wasm2c"))("runs the round ahead-of-time compiled", () => round("native_sim", "aot"), LONG_MS);
});

/** An emulated line takes 20 KB/s: a modality each, and the same answers from all of them elsewhere (same-answers.test.ts). */
const MODALITY: Record<string, string> = { qemu_mps2_an500: "iris", qemu_mps2_an505: "face" };

/** Boards in QEMU that this machine can build for and emulate. */
const emulated = loadBoards().filter(
  (board) =>
    hasCompiler(board) &&
    board.emulator?.command.startsWith("qemu-") &&
    findProgram(board.emulator.command) !== undefined,
);
const rounds = emulated
  .map((board) => ({ name: board.name, engine: engineFor(board), modality: MODALITY[board.name] ?? "palm" }))
  .filter(({ engine }) => engine !== "aot" || findProgram("wasm2c"));

/** The Cortex-M7 interprets; the others run what is compiled, which takes less time, if they offer it. */
function engineFor({ name, engines }: Board): Engine {
  return name !== "qemu_mps2_an500" && engines.includes("aot") ? "aot" : engines[0]!;
}

describe.skipIf(rounds.length === 0)("the emulated boards", () => {
  it.each(rounds)(
    "$name runs the round of $modality in $engine",
    ({ name, engine, modality }) => round(name, engine, modality),
    LONG_MS,
  );
});
