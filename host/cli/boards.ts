// `kanmon boards`: which boards there are, what they have, and which of them this machine can build and emulate.
import { Command } from "commander";
import { type Board, loadBoards } from "../firmware/board.ts";
import { findProgram, hasCompiler } from "../firmware/compiler.ts";
import type { Output } from "./output.ts";
import { examples, type Verb } from "./verb.ts";

export const boards: Verb = (output) =>
  new Command("boards")
    .description("list the boards that firmware is built for")
    .addHelpText(
      "after",
      examples(["All boards", "kanmon boards"], ["Build for one", "kanmon build --board qemu_mps2_an500"]),
    )
    .action(() => run(output));

function run(output: Output): void {
  const all = loadBoards().map((board) => ({ board, built: hasCompiler(board), emulated: hasEmulator(board) }));
  const missing = all.some(({ built, emulated }) => !built || emulated === false);
  output.answer(
    {
      boards: all.map(({ board, built, emulated }) => ({
        name: board.name,
        title: board.title,
        cpu: board.cpu,
        engines: board.engines,
        modalities: board.modalities,
        ram_bytes: board.ram.bytes,
        code_bytes: board.code.bytes,
        flash_bytes: board.flash.bytes,
        outputs: board.outputs,
        keys: board.keys,
        toolchain: { prefix: board.toolchain.prefix, installed: built },
        emulator: board.emulator ? { command: board.emulator.command, installed: emulated } : null,
        tested_on: board.tested_on,
      })),
    },
    [
      ...all.map(({ board, built, emulated }) => describe(board, built, emulated)),
      ...(missing ? ["Compilers and emulators that are missing: scripts/toolchain.sh installs them."] : []),
    ].join("\n\n"),
  );
}

/** Whether a board can be emulated here; undefined: it has no emulator. */
function hasEmulator({ emulator }: Board): boolean | undefined {
  if (!emulator) return undefined;
  return emulator.command === "{elf}" || findProgram(emulator.command) !== undefined;
}

function describe(board: Board, built: boolean, emulated: boolean | undefined): string {
  const { name, title, cpu, engines, modalities, ram, code, flash, outputs, toolchain, emulator, tested_on } = board;
  const tools = [
    `${toolchain.prefix}gcc${built ? "" : " (not installed)"}`,
    ...(emulator && emulator.command !== "{elf}" ? [`${emulator.command}${emulated ? "" : " (not installed)"}`] : []),
  ];
  return [
    `${name}  ${title}`,
    `  ${cpu.core} at ${cpu.clock_hz / 1e6} MHz, engines ${engines.join(" and ")}; ${modalities.join(", ")}`,
    `  RAM ${size(ram.bytes)}, code ${size(code.bytes)}, data flash ${size(flash.bytes)}`,
    `  firmware as ${outputs.join(", ")}; needs ${tools.join(", ")}`,
    `  ${tested_on === null ? "builds, not run on hardware" : `tested on ${tested_on}`}`,
  ].join("\n");
}

/** A size of memory: whole MiB where it is, else KiB. */
function size(bytes: number): string {
  return bytes % 1_048_576 === 0 ? `${bytes / 1_048_576} MiB` : `${Math.round(bytes / 1024)} KiB`;
}
