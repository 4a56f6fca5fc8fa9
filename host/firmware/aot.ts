// Compiles an image to C for the engine AOT: wasm2c (WABT) translates it, and this rewrites the result for microcontrollers. wasm2c's own
// runtime asks for 64-bit address arithmetic and an instance passed to every function; here memory and globals are static variables and
// the operations are those of boards/port/aot-ops.h (its bounds check is one 32-bit comparison). Whatever is not recognized is an error.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXIT, KanmonError } from "../errors.ts";
import { projectRoot } from "../root.ts";
import { mergeChecks } from "./aot-bounds.ts";
import { needProgram } from "./compiler.ts";

/** For compiling what `translate` writes, besides the flags of all C: f32 results as in WebAssembly, and no warnings about generated code. */
const AOT_FLAGS: readonly string[] = [
  "-O2",
  "-ffp-contract=off",
  "-fno-math-errno",
  "-fno-trapping-math",
  "-Wno-unused",
  "-Wno-conversion",
  "-Wno-sign-conversion",
  "-Wno-shadow",
  "-Wno-unused-parameter",
];

/** Nested calls of one image; each needs little C stack (board.json, memory.c_stack holds them all: measured by `kanmon bench`). */
const DEPTH_MAXIMUM = 64;

/** Where wasm2c's prelude, the same for every module, ends. */
const PAGE_BYTES = 65_536;
const PRELUDE_END = "static bool s_module_initialized = false;";
const TYPE = "(?:u32|u64|f32|f64|void)";

/** Compiles what a firmware of the engine AOT holds. Errors as of `translate`. */
export function compiledImage(
  wasm: Uint8Array,
  recovery: Uint8Array,
  folder: string,
): { sources: string[]; flags: readonly string[] } {
  return {
    sources: [translate(wasm, "kanmon", folder), translate(recovery, "recovery", folder)],
    flags: AOT_FLAGS,
  };
}

/**
 * Writes `NAME.c` into `folder`: the module with all of its functions, and `aot_NAME` (boards/port/aot.h).
 * @returns its path. Throws KAN-TOOL-MISSING without wasm2c, KAN-BUILD-AOT if the module or wasm2c's C is not of the expected kind.
 */
export function translate(wasm: Uint8Array, name: string, folder: string): string {
  const { source, header } = wasm2c(wasm, name);
  const path = join(folder, `${name}.c`);
  mkdirSync(folder, { recursive: true });
  const content = rewrite(source, header, name, createHash("sha256").update(wasm).digest());
  let before = "";
  try {
    before = readFileSync(path, "utf8");
  } catch {}
  if (before !== content) writeFileSync(path, content);
  return path;
}

function wasm2c(wasm: Uint8Array, name: string): { source: string; header: string } {
  const program = needProgram("wasm2c", "the engine aot is made with it");
  const folder = mkdtempSync(join(tmpdir(), "kanmon-aot-"));
  try {
    const [input, output] = [join(folder, `${name}.wasm`), join(folder, `${name}.c`)];
    writeFileSync(input, wasm);
    const { status, stderr } = spawnSync(program, ["--no-debug-names", "-n", name, input, "-o", output], {
      encoding: "utf8",
    });
    if (status !== 0) throw aotError(`wasm2c refused the image: ${stderr.trim().split("\n")[0]?.replace(input, name)}`);
    return { source: readFileSync(output, "utf8"), header: readFileSync(join(folder, `${name}.h`), "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The module's C: wasm2c's functions and data over aot-ops.h. */
function rewrite(source: string, header: string, name: string, digest: Buffer): string {
  const instance = `Z_${name}_instance_t`;
  const from = source.indexOf(PRELUDE_END);
  const to = source.indexOf("/* export: '");
  if (from < 0 || to < from) throw aotError("wasm2c's C has no known prelude or no exports");
  const body = source.slice(from + PRELUDE_END.length, to);
  const memory = /wasm_rt_allocate_memory\(&instance->w2c_memory, (\d+), (\d+)\);/.exec(body);
  if (!memory) throw aotError("the module has no memory with a maximum");
  const globals = [...header.matchAll(new RegExp(`^  (${TYPE}) (w2c_\\w+);$`, "gm"))];
  const functions = functionTypes(body);

  const code = body
    // Function types: known here, so nothing is registered at run time.
    .replace(/static u32 func_types\[\d+\];\n/, "")
    .replace(/static void init_func_types\(void\) \{[^}]*\}\n/, "")
    .replace(/static const wasm_elem_segment_expr_t (\w+)\[\] = \{\n([^;]*)\};\n/g, "")
    .replace(/static void init_tables\([^)]*\) \{[^}]*\}\n/, "")
    .replace(/static void init_(elem|data)_instances\([^)]*\) \{\n\}\n/g, "")
    .replace(
      /CALL_INDIRECT\(instance->w2c_(\w+), (\w+) \(\*\)\(void\*((?:, \w+)*)\), (\d+), (\w+), instance->w2c_\1\.data\[\5\]\.module_instance/g,
      (_, table: string, result: string, types: string, type: string, index: string) => {
        const parameters = types.slice(2) || "void";
        return `((${result} (*)(${parameters}))table_entry(${table}, sizeof ${table} / sizeof ${table}[0], ${functions.id(Number(type))}u, ${index}))(`;
      },
    )
    .replace(/(\)\)\()(, )/g, "$1")
    // Memory.
    .replace(/wasm_rt_allocate_memory\([^;]*\);/, "memory_begin();")
    .replace(/LOAD_DATA\(instance->w2c_memory, /g, "memory_data(")
    .replace(
      /(\w+_(?:load|store)\w*)\(&instance->w2c_memory, \(u64\)\((\w+)\)(?: \+ (\d+)u?)?/g,
      (_, op, address, offset) => `${op}(${address}, ${offset ?? 0}u`,
    )
    .replace(/memory_copy\(&instance->w2c_memory, &instance->w2c_memory, /g, "memory_copy(")
    .replace(/memory_fill\(&instance->w2c_memory, /g, "memory_fill(")
    .replace(/wasm_rt_grow_memory\(&instance->w2c_memory, /g, "memory_grow(")
    .replace(/instance->w2c_memory\.pages/g, "(memory_size / PAGE_BYTES)")
    // Imports.
    .replace(/\(\*Z_boardZ_(\w+)\)\(instance->Z_board_instance(?:, )?/g, "board_$1(")
    // The instance: its fields are static variables.
    .replaceAll(`${instance}* instance, `, "")
    .replaceAll(`${instance}* instance)`, "void)")
    .replaceAll(`(${instance}*, `, "(")
    .replaceAll(`(${instance}*)`, "(void)")
    .replace(/\(instance(?:, )?/g, "(")
    .replace(/instance->(w2c_\w+)/g, "$1");
  const leftover = /.*(instance|wasm_rt_|func_types|Z_\w+|LOAD_DATA|CALL_INDIRECT|\(u64\)\(\w+\) \+ \d+u?,).*/.exec(
    code,
  );
  if (leftover) throw aotError(`wasm2c's C has something unexpected: ${leftover[0].trim()}`);

  const start = instantiation(source, name);
  return [
    "/* Generated by kanmon build from the C of wasm2c. */",
    `#define MEMORY_MINIMUM ${memory[1]}u`,
    `#define MEMORY_MAXIMUM ${memory[2]}u`,
    `#define DEPTH_MAXIMUM ${DEPTH_MAXIMUM}u`,
    '#include "aot-ops.h"',
    '#include "engine.h"',
    "",
    ...globals.map(([, type, global]) => `static ${type} ${global};`),
    mergeChecks(code.trimEnd(), Number(memory[1]) * PAGE_BYTES).replace(
      /(\n\nstatic \w+ w2c_\w+\([^;]*\) \{)/,
      `\n\n${functions.tables(body)}$1`,
    ),
    "",
    `static const u8 digest[32] = {${[...digest].join(", ")}};`,
    "",
    `static void instantiate(void) {\n  depth = 0u;\n${start.join("")}}`,
    "",
    exportCalls(header, name, instance),
    "static u32 memory_bytes(void) {\n  return memory_size;\n}",
    "",
    `static void forget(void) {\n${globals.map(([, , global]) => `  ${global} = 0;`).join("\n")}\n  memory_size = 0u;\n}`,
    "",
    `const aot_module_t aot_${name} = {digest, instantiate, has, call, memory_bytes, forget};`,
    "",
  ].join("\n");
}

/** What the module does when it is instantiated: its own statements, without those for which there is nothing to do here. */
function instantiation(source: string, name: string): string[] {
  const body = new RegExp(`^void Z_${name}_instantiate\\([^)]*\\) \\{\\n([^}]*)\\}`, "m").exec(source)?.[1];
  if (body === undefined) throw aotError("wasm2c's C has no known instantiation");
  const lines = body.match(/.*;\n/g) ?? [];
  const needed = lines.filter(
    (line) => !/^ {2}(assert|init_instance_import|init_tables|init_(data|elem)_instances)\(/.test(line),
  );
  return needed.map((line) => {
    const [, call] = /^ {2}(init_globals|init_memories|w2c_\w+)\(instance\);\n$/.exec(line) ?? [];
    if (call === undefined) throw aotError(`wasm2c's C instantiates with something unexpected: ${line.trim()}`);
    return `  ${call}();\n`;
  });
}

/** Types of functions that are called indirectly: equal signatures are one type (WebAssembly 1.0, section 4.4.8), numbered from 1. */
function functionTypes(body: string): { id(index: number): number; tables(body: string): string } {
  const signatures = [...body.matchAll(/func_types\[(\d+)\] = wasm_rt_register_func_type\(([^)]*)\);/g)].map(
    ([, , text]) => text,
  );
  const id = (index: number): number => {
    const signature = signatures[index];
    if (signature === undefined) throw aotError(`function type ${index} is not declared`);
    return signatures.indexOf(signature) + 1;
  };
  const tables = (text: string): string => {
    const segments = new Map(
      [...text.matchAll(/static const wasm_elem_segment_expr_t (\w+)\[\] = \{\n([^;]*)\};/g)].map(
        ([, name, entries]) => [name, entries ?? ""],
      ),
    );
    return [...text.matchAll(/wasm_rt_allocate_funcref_table\(&instance->w2c_(\w+), (\d+), \d+\);/g)]
      .map(([, table, size]) => {
        const fills = [
          ...text.matchAll(
            new RegExp(
              `funcref_table_init\\(&instance->w2c_${table}, (\\w+), (\\d+), (\\d+)u, 0, \\2, instance, func_types\\);`,
              "g",
            ),
          ),
        ];
        const entries = fills.flatMap(([, segment, , first]) =>
          [...(segments.get(segment) ?? "").matchAll(/\{(\d+), \(wasm_rt_function_ptr_t\)&(\w+), 0\},/g)].map(
            ([, type, func], i) => `    [${Number(first) + i}] = {${id(Number(type))}u, (void (*)(void))${func}},`,
          ),
        );
        return [`static const table_entry_t ${table}[${size}] = {`, ...entries, "};"].join("\n");
      })
      .join("\n");
  };
  return { id, tables };
}

/** `has` and `call`: the exports that an engine knows, by their place in engine.h. */
function exportCalls(header: string, name: string, instance: string): string {
  const engine = readFileSync(join(projectRoot(), "boards", "port", "engine.h"), "utf8");
  const known = new Set([...engine.matchAll(/\bEXPORT_(\w+)\b/g)].map(([, which]) => which));
  const declared = header.matchAll(new RegExp(`^(${TYPE}) Z_${name}Z_(\\w+)\\(${instance}\\*((?:, u32)*)\\);$`, "gm"));
  const exports = [...declared]
    .map(([, result, func = "", types = ""]) => ({
      result,
      func,
      count: types.split(",").length - 1,
      which: func.toUpperCase(),
    }))
    .filter(({ which }) => known.has(which));
  const calls = exports.map(({ result, func, count, which }) => {
    const call = `w2c_${func}(${Array.from({ length: count }, (_, i) => `args[${i}]`).join(", ")})`;
    return `    case EXPORT_${which}:\n      ${result === "void" ? `${call};\n      return 0u;` : `return ${call};`}`;
  });
  return [
    "static bool has(u32 which) {\n  switch (which) {",
    ...exports.map(({ which }) => `    case EXPORT_${which}:`),
    "      return true;\n    default:\n      return false;\n  }\n}\n",
    "static u32 call(u32 which, const u32 *args) {\n  depth = 0u;\n  switch (which) {",
    ...calls,
    "    default:\n      return 0u;\n  }\n}\n",
  ].join("\n");
}

function aotError(what: string): KanmonError {
  return new KanmonError(
    "KAN-BUILD-AOT",
    `the image cannot be compiled ahead of time: ${what}`,
    "The engine aot is made for wasm2c 1.0.32 (Debian 12, package wabt) and images that `npm run build` made.",
    EXIT.input,
  );
}
