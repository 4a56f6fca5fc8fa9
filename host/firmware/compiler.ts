// The programs that firmware is built and emulated with: found in PATH, named with the Debian package they come in when they are not.
import { spawnSync } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { EXIT, KanmonError } from "../errors.ts";
import type { BoardFacts } from "./board.ts";

/** A board's compiler. */
export interface Compiler {
  readonly gcc: string;
  readonly objcopy: string;
  /** The first line of `gcc --version`. */
  readonly version: string;
}

/** Debian's packages (scripts/toolchain.sh installs them all). */
const PACKAGES: Readonly<Record<string, string>> = {
  gcc: "gcc libc6-dev",
  "arm-none-eabi-gcc": "gcc-arm-none-eabi libnewlib-arm-none-eabi",
  "riscv64-unknown-elf-gcc": "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf",
  "qemu-system-arm": "qemu-system-arm",
  "qemu-system-riscv32": "qemu-system-misc",
  wasm2c: "wabt",
};

/** The path of a program in PATH, or of one given by its path; undefined: it is not installed. */
export function findProgram(name: string): string | undefined {
  const places = name.includes("/") ? [""] : (process.env["PATH"] ?? "").split(delimiter);
  return places
    .map((folder) => (folder ? join(folder, name) : name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return statSync(path).isFile();
      } catch {
        return false;
      }
    });
}

/** The path of a program. Throws KAN-TOOL-MISSING, which says how to install it. */
export function needProgram(name: string, why: string): string {
  const found = findProgram(name);
  if (found) return found;
  const packages = PACKAGES[name];
  throw new KanmonError(
    "KAN-TOOL-MISSING",
    `${name} is not installed: ${why}`,
    packages
      ? `Run scripts/toolchain.sh, or on Debian and Ubuntu: sudo apt-get install ${packages}`
      : "Install it, and see that it is in PATH.",
    EXIT.input,
  );
}

/** Whether a board's compiler is installed. */
export function hasCompiler({ toolchain: { prefix } }: BoardFacts): boolean {
  return findProgram(`${prefix}gcc`) !== undefined && findProgram(`${prefix}objcopy`) !== undefined;
}

/** A board's compiler. Throws KAN-TOOL-MISSING. */
export function needCompiler({ name, toolchain: { prefix } }: BoardFacts): Compiler {
  const why = `board ${name} is built with it`;
  const gcc = needProgram(`${prefix}gcc`, why);
  const objcopy = needProgram(`${prefix}objcopy`, why);
  const { stdout } = spawnSync(gcc, ["--version"], { encoding: "utf8" });
  return { gcc, objcopy, version: stdout?.split("\n")[0] ?? "" };
}
