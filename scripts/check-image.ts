// The image's rules (docs/architecture.md, "The image's rules"), checked on the compiled module with binaryen.
import binaryen from "binaryen";
import { codeSizes, type FunctionSize } from "../host/wasm-sections.ts";
import { codeBytesOf, plainName } from "./code-of.ts";

/** What wasm3 0.5.0 runs and a microcontroller holds. */
export const RULES = {
  codeBytes: 88 * 1024,
  memoryPages: 16,
  imports: [
    "transmit",
    "flash_read",
    "flash_write",
    "flash_erase",
    "random",
    "micros",
    "sign",
    "verify",
    "public_key",
    "derive_key",
    "counter",
    "image_digest",
    "board_info",
    "slot_info",
    "slot_begin",
    "slot_write",
    "slot_mark",
    "reset",
    "trace",
  ],
  exports: [
    "memory",
    "start",
    "receive_buffer",
    "receive",
    "poll",
    "lab_frame",
    "lab_calibrate",
    "lab_feed",
    "lab_extract",
    "lab_template",
    "lab_template_bytes",
    "lab_quality",
    "lab_compare",
    "lab_fuse",
    "lab_sha256",
    "lab_step",
    "lab_measured",
    "lab_entropy",
    "lab_evidence",
    "lab_view",
    "lab_view_bytes",
    "lab_fringes",
    "lab_fringe_row",
    "lab_fringes_end",
    "lab_fringes_view",
    "lab_depth",
  ],
  /** Instructions outside MVP, sign extension, memory.copy/fill and saturating conversions. */
  forbidden:
    /\((v128|[if]\d+x\d+|memory\.init|data\.drop|table\.(?!get\b)\w+|ref\.|struct\.|array\.|atomic|\w+\.atomic|try|throw|return_call)/,
  /** The stub runtime's allocator: reachable means that something allocates. */
  allocator: /^~lib\/rt\/.*(__alloc|__new|__realloc|__renew|__collect)$/,
} as const satisfies ImageRules;

/** What an image of ours must keep to. */
export interface ImageRules {
  /** Most bytes of the code section. */
  readonly codeBytes: number;
  /** Most pages of linear memory. */
  readonly memoryPages: number;
  /** Functions of a board that it may import. */
  readonly imports: readonly string[];
  /** Exports that it must have, and no others. */
  readonly exports: readonly string[];
  readonly forbidden: RegExp;
  readonly allocator: RegExp;
}

/** The recovery image is linked into every runner: link and update, nothing of flash, keys or people. */
export const RECOVERY_RULES: ImageRules = {
  ...RULES,
  codeBytes: 12 * 1024,
  memoryPages: 1,
  imports: [
    "transmit",
    "micros",
    "public_key",
    "board_info",
    "slot_info",
    "slot_begin",
    "slot_write",
    "slot_mark",
    "reset",
  ],
  exports: ["memory", "start", "receive_buffer", "receive", "poll"],
};

/** Facts of a checked image. */
export interface ImageReport {
  image_bytes: number;
  code_bytes: number;
  static_bytes: number;
  memory_pages_max: number;
  functions: FunctionSize[];
  /** Bytes of code, by modality, that run only where a face, a palm or an iris is served, and in the lab: a board without it never compiles them. */
  code_bytes_of: Record<string, number>;
}

/**
 * Checks a module compiled with names against the rules of its kind.
 * @returns the image without names and debug information, its facts, and a sentence for every rule broken (empty: all hold).
 */
export async function checkImage(
  named: Uint8Array,
  rules: ImageRules = RULES,
): Promise<{ image: Uint8Array; report: ImageReport; violations: string[] }> {
  const violations: string[] = [];
  const { Features } = binaryen;
  const module = binaryen.readBinary(named);
  module.setFeatures(
    Features.MVP |
      Features.SignExt |
      Features.BulkMemory |
      Features.BulkMemoryOpt |
      Features.NontrappingFPToInt |
      Features.MutableGlobals |
      Features.Multivalue,
  );
  try {
    if (!module.validate()) violations.push("the module does not validate with the features that wasm3 0.5.0 runs");
    const text = module.emitText();
    for (const [, name] of text.matchAll(/^ \(func (\$\S+)/gm)) {
      const plain = plainName(name?.slice(1) ?? "");
      if (rules.allocator.test(plain)) violations.push(`${plain} is in the image: something allocates after start`);
    }
    const opcode = text.match(rules.forbidden);
    if (opcode) violations.push(`instruction ${opcode[0].slice(1)} is not allowed: wasm3 0.5.0 does not run it`);

    const compiled = new WebAssembly.Module(named as BufferSource);
    const imports = WebAssembly.Module.imports(compiled);
    for (const { module: from, name } of imports)
      if (from !== "board" || !rules.imports.includes(name))
        violations.push(`import ${from}.${name} is not a function of a board (assembly/board.ts)`);
    const exports = WebAssembly.Module.exports(compiled).map(({ name }) => name);
    for (const name of exports)
      if (!rules.exports.includes(name)) violations.push(`export ${name} is not in the contract`);
    for (const name of rules.exports) if (!exports.includes(name)) violations.push(`export ${name} is missing`);

    const memory = module.getMemoryInfo();
    const pages = memory.max ?? Number.POSITIVE_INFINITY;
    if (pages > rules.memoryPages)
      violations.push(`linear memory may grow to ${pages} pages; the limit is ${rules.memoryPages}`);

    const { functions } = codeSizes(named);
    const byModality = codeBytesOf(text, functions);
    module.runPasses(["strip-debug", "strip-producers", "strip-target-features"]);
    const image = module.emitBinary();
    const { codeBytes: code } = codeSizes(image);
    if (code > rules.codeBytes)
      violations.push(
        `the code section has ${code} bytes; the limit is ${rules.codeBytes}. Largest: ${functions
          .slice(0, 5)
          .map((f) => `${f.name} ${f.bytes}`)
          .join(", ")}`,
      );
    return {
      image,
      violations,
      report: {
        image_bytes: image.length,
        code_bytes: code,
        static_bytes: memory.initial * 65536,
        memory_pages_max: pages,
        functions,
        code_bytes_of: byModality,
      },
    };
  } finally {
    module.dispose();
  }
}
