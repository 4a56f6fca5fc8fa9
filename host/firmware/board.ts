// board.json: the facts of a board as data (docs/architecture.md, "Boards"), checked by a schema and against one another before
// anything is built. What a port does is in C; what a number says is here.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { z } from "zod";
import { EXIT, KanmonError } from "../errors.ts";
import { projectRoot } from "../root.ts";
import { boardFaults } from "./board-checks.ts";

export const ENGINES = ["wasm3", "aot"] as const;
/** What a board may have memory for. */
export const MODALITIES = ["iris", "palm", "face"] as const;
export type BoardModality = (typeof MODALITIES)[number];
/** What runs the image on a board. */
export type Engine = (typeof ENGINES)[number];

/** Formats of the firmware file; elf is always made. */
export const OUTPUTS = ["elf", "hex", "bin", "uf2"] as const;

const bytes = z.int().min(0);
const positive = z.int().min(1);
const Partition = z.strictObject({ address: bytes.describe("from the start of the data flash"), bytes: positive });
/** A file of the board, or (`../common/…`) one that several share. */
const File = z
  .string()
  .regex(/^[\w.-]+(\/[\w.-]+)*$/, "must be a path from the board's folder, of letters, digits, _ . -");

export const BoardSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]*$/, "must be small letters, digits and _"),
  title: z.string().min(1),
  cpu: z.strictObject({ core: z.string().min(1), clock_hz: positive }),
  toolchain: z.strictObject({
    prefix: z.string().describe("before gcc and objcopy; empty: this machine's own compiler"),
    flags: z.array(z.string()).describe("for compiling and linking"),
    link: z.array(z.string()).default([]),
  }),
  sources: z.array(File).min(1).describe("C and assembly of the port"),
  linker: File.optional().describe("linker script; without one, the compiler's own"),
  engines: z.array(z.enum(ENGINES)).min(1),
  modalities: z
    .array(z.enum(MODALITIES))
    .min(1)
    .default([...MODALITIES])
    .describe("for which it has memory; the code of others is then never compiled"),
  ram: z.strictObject({ bytes: positive }),
  code: z.strictObject({ bytes: positive }).describe("where the firmware lies"),
  memory: z.strictObject({
    linear: positive.describe("the image's linear memory, whole pages of 65,536"),
    pool: positive.describe("wasm3's structures and its compiled form"),
    pool_more: bytes.default(0).describe("a second region of the pool, in another memory"),
    wasm_stack: positive,
    c_stack: positive,
  }),
  flash: z.strictObject({
    base: bytes.describe("where the CPU sees the data flash"),
    bytes: positive,
    sector: positive,
    unit: positive,
    partitions: z.strictObject({
      keys: Partition,
      state: Partition,
      slot_a: Partition,
      slot_b: Partition,
      journal: Partition,
    }),
  }),
  uart: z.strictObject({ device: z.string().min(1), baud: positive }),
  watchdog_ms: positive,
  keys: z.strictObject({ storage: z.enum(["flash", "otp", "secure_element"]), note: z.string() }),
  outputs: z.array(z.enum(OUTPUTS)).min(1),
  uf2: z
    .strictObject({ family: z.string().regex(/^0x[0-9a-f]{8}$/, "must be 0x and 8 hexadecimal digits") })
    .optional()
    .describe("family id (microsoft/uf2 uf2families.json)"),
  emulator: z
    .strictObject({
      command: z.string().min(1).describe("{elf}: the firmware itself is the program"),
      args: z.array(z.string()).describe("{elf} the firmware, {flash} the file that keeps the flash"),
      flash_file: z
        .strictObject({ bytes: positive, offset: bytes.default(0).describe("where the data flash begins in it") })
        .optional()
        .describe("if it is another size than the flash: an emulator may want all of a memory in one file"),
    })
    .optional(),
  tested_on: z.string().min(1).nullable(),
});

/** The facts of board.json. Sizes and addresses are in bytes. */
export type BoardFacts = z.output<typeof BoardSchema>;

/** A board: its facts and where they come from. */
export interface Board extends BoardFacts {
  /** Its folder, absolute. */
  readonly folder: string;
}

/** Where boards are: `boards/` of the project. */
export function boardsFolder(): string {
  return join(projectRoot(), "boards");
}

/** Names of all boards, in their order. */
export function boardNames(folder = boardsFolder()): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, "board.json")))
    .map(({ name }) => name)
    .sort();
}

/** All boards. Throws KAN-BOARD-FILE for the first whose board.json is wrong. */
export function loadBoards(folder = boardsFolder()): Board[] {
  return boardNames(folder).map((name) => readBoard(join(folder, name)));
}

/** The board called `name`. Throws KAN-BOARD-UNKNOWN, KAN-BOARD-FILE. */
export function loadBoard(name: string, folder = boardsFolder()): Board {
  const names = boardNames(folder);
  if (names.includes(name)) return readBoard(join(folder, name));
  const near = names.filter((other) => distance(name, other) <= Math.max(3, name.length / 3) || other.includes(name));
  throw new KanmonError(
    "KAN-BOARD-UNKNOWN",
    `there is no board ${name}`,
    near.length > 0 ? `Did you mean ${near.join(" or ")}?` : `Boards: ${names.join(", ")}.`,
    EXIT.usage,
  );
}

/** Reads and checks a board's folder. Throws KAN-BOARD-FILE with everything that is wrong with it. */
export function readBoard(folder: string): Board {
  const path = join(folder, "board.json");
  const shown = relative(process.cwd(), path);
  const refuse = (faults: string[]): never => {
    throw new KanmonError(
      "KAN-BOARD-FILE",
      `${shown}: ${faults.join("; ")}`,
      'Correct the file; CONTRIBUTING.md, "Add a board", says what each field means.',
    );
  };
  let [text, json]: [string, unknown] = ["", undefined];
  try {
    text = readFileSync(path, "utf8");
    json = JSON.parse(text);
  } catch (error) {
    return refuse([error instanceof SyntaxError ? `not JSON: ${error.message}${hexadecimal(text)}` : "cannot be read"]);
  }
  const parsed = BoardSchema.safeParse(json);
  if (!parsed.success)
    return refuse(parsed.error.issues.map(({ path, message }) => `${path.join(".") || "the file"}: ${message}`));
  const faults = boardFaults(parsed.data, folder);
  if (faults.length > 0) return refuse(faults);
  return { ...parsed.data, folder };
}

/** A hint for the fault that is made most often: data sheets give addresses in hexadecimal, and JSON has none. */
function hexadecimal(text: string): string {
  const found = /[:[,]\s*(0x[0-9a-f]+)/i.exec(text)?.[1];
  return found ? ` (JSON has only decimal numbers: ${Number(found)} for ${found})` : "";
}

/** Levenshtein's edit distance, for suggestions. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + Number(a[i - 1] !== b[j - 1])));
    row = next;
  }
  return row[b.length]!;
}
