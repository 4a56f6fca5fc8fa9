// Compiled images trap where WebAssembly says, and nowhere else: programs made by chance and every access at every edge, in V8 and compiled
// by this machine's compiler, must give the same results and the same traps.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import binaryen from "binaryen";
import { afterAll, describe, expect, it } from "vitest";
import { projectRoot } from "../root.ts";
import { compiledImage } from "./aot.ts";
import { loadBoard } from "./board.ts";
import { findProgram } from "./compiler.ts";
import { boardConfig } from "./generate.ts";

const { i32 } = binaryen;
const PAGE = 65_536;
const installed = findProgram("wasm2c") !== undefined && findProgram("gcc") !== undefined;
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A module of `memory` pages whose lab_compare(which, a, b) runs one of the `bodies`, over parameters a (1) and b (2) and an i32 local (3). */
function moduleOf(bodies: (m: binaryen.Module) => binaryen.ExpressionRef[], pages = 1): Uint8Array {
  const m = new binaryen.Module();
  m.setFeatures(binaryen.Features.MVP | binaryen.Features.SignExt | binaryen.Features.BulkMemory);
  m.setMemory(pages, pages + 1, "memory", [
    {
      offset: m.i32.const(0),
      data: Uint8Array.from({ length: PAGE * pages }, (_, i) => (i * 7 + (i >> 8)) & 0xff),
      passive: false,
    } as never,
  ]);
  const all = bodies(m);
  const type = binaryen.createType([i32, i32, i32]);
  for (const [i, body] of all.entries()) m.addFunction(`f${i}`, type, i32, [i32, i32], body);
  const args = [0, 1, 2].map((n) => m.local.get(n, i32));
  const dispatch = all.map((_, i) =>
    m.if(m.i32.eq(m.local.get(0, i32), m.i32.const(i)), m.return(m.call(`f${i}`, args, i32))),
  );
  m.addFunction("dispatch", type, i32, [], m.block(null, [...dispatch, m.unreachable()]));
  m.addFunctionExport("dispatch", "lab_compare");
  m.addFunction("grow", binaryen.createType([i32]), i32, [], m.memory.grow(m.local.get(0, i32)));
  m.addFunctionExport("grow", "poll");
  if (!m.validate()) throw new Error("the test's module is wrong");
  const binary = m.emitBinary();
  m.dispose();
  return binary;
}

/** What each call gives in V8: its result, or "trap". Each gets an instance of its own. */
function inV8(wasm: Uint8Array, calls: readonly number[][]): string[] {
  const module = new WebAssembly.Module(wasm as BufferSource);
  return calls.map(([which = 0, a = 0, b = 0]) => {
    const { lab_compare } = new WebAssembly.Instance(module).exports as Record<string, (...args: number[]) => number>;
    try {
      return String((lab_compare as (...args: number[]) => number)(which, a, b) >>> 0);
    } catch {
      return "trap";
    }
  });
}

/** The same, compiled. */
function compiled(wasm: Uint8Array, calls: readonly number[][]): string[] {
  const folder = mkdtempSync(join(tmpdir(), "kanmon-aot-test-"));
  folders.push(folder);
  const { sources, flags } = compiledImage(wasm, wasm, folder);
  writeFileSync(join(folder, "board-config.h"), boardConfig(loadBoard("native_sim")));
  writeFileSync(join(folder, "main.c"), MAIN);
  const port = join(projectRoot(), "boards", "port");
  const program = join(folder, "program");
  const engine = ["engine-aot.c", "pool.c"].map((name) => join(port, name));
  const args = ["-std=c11", ...flags, `-I${folder}`, `-I${port}`, ...sources, ...engine];
  const { status, stderr } = spawnSync("gcc", [...args, join(folder, "main.c"), "-lm", "-o", program], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  const input = calls.map(([which = 0, a = 0, b = 0]) => `${which} ${a >>> 0} ${b >>> 0}\n`).join("");
  const run = spawnSync(program, { input, encoding: "utf8", maxBuffer: 1 << 28 });
  expect(run.stderr).toBe("");
  return run.stdout.trim().split("\n");
}

const MAIN = `
#include <stdio.h>
#include "aot.h"
#include "engine.h"
int main(void) {
  unsigned which, a, b;
  while (scanf("%u %u %u", &which, &a, &b) == 3) {
    const uint32_t args[ENGINE_ARGUMENTS] = {which, a, b};
    uint32_t result = 0;
    if (engine_open(0, 0, aot_kanmon.digest) != ENGINE_OK) return 1;
    if (engine_call(EXPORT_LAB_COMPARE, args, &result) == ENGINE_OK) printf("%u\\n", result);
    else printf("trap\\n");
  }
  return 0;
}
`;

/** Every load and store, with its width. */
const ACCESSES: readonly [name: string, width: number][] = [
  ...(["i32.load", "i32.store", "f32.load", "f32.store"] as const).map((name): [string, number] => [name, 4]),
  ...["i64.load", "i64.store", "f64.load", "f64.store"].map((name): [string, number] => [name, 8]),
  ...["i32", "i64"].flatMap((type): [string, number][] => [
    [`${type}.load8_s`, 1],
    [`${type}.load8_u`, 1],
    [`${type}.load16_s`, 2],
    [`${type}.load16_u`, 2],
    [`${type}.store8`, 1],
    [`${type}.store16`, 2],
  ]),
  ["i64.load32_s", 4],
  ["i64.load32_u", 4],
  ["i64.store32", 4],
];
const OFFSETS = [
  0, 1, 3, 8, 65_527, 65_528, 65_535, 65_536, 65_544, 131_072, 0x7fff_ffff, 0x8000_0000, 0xffff_fff8, 0xffff_ffff,
];

describe.skipIf(!installed)("compiled images", () => {
  it("trap at the edges of memory, for every access and offset, and give the same values inside", () => {
    const cases = ACCESSES.flatMap(([name, width]) => OFFSETS.map((offset) => ({ name, width, offset })));
    const wasm = moduleOf((m) => cases.map(({ name, offset }) => accessBody(m, name, offset)));
    const calls = cases.flatMap(({ width, offset }, which) => {
      const edge = PAGE - offset - width;
      const near = [-2, -1, 0, 1, 2, width].map((delta) => edge + delta);
      return [...near, 0, 1, PAGE - 1, PAGE, 0x7fff_ffff, 0x8000_0000, -1, -2, -4, -8, -offset].map((at) => [
        which,
        at | 0,
        0,
      ]);
    });
    const expected = inV8(wasm, calls);
    expect(new Set(expected).size).toBeGreaterThan(50);
    expect(compiled(wasm, calls)).toEqual(expected);
  }, 120_000);

  it("give the same results and traps for programs made by chance", () => {
    const random = mulberry32(20_261_123);
    const programs = 100;
    const wasm = moduleOf((m) => Array.from({ length: programs }, () => randomProgram(m, random)));
    const calls = Array.from({ length: programs }, (_, which) =>
      Array.from({ length: 40 }, () => {
        const near = [0, PAGE, PAGE - 64, 2 ** 32 - 40, 40, 2 * PAGE][Math.floor(random() * 6)] as number;
        return [which, (near + Math.floor(random() * 100) - 50) | 0, Math.floor(random() * 2 ** 32) | 0];
      }),
    ).flat();
    const expected = inV8(wasm, calls);
    const traps = expected.filter((result) => result === "trap").length;
    expect(traps).toBeGreaterThan(calls.length / 10);
    expect(traps).toBeLessThan((calls.length * 9) / 10);
    expect(compiled(wasm, calls)).toEqual(expected);
  }, 120_000);
});

/** One access at parameter 1; the result holds all of what was loaded, or what memory holds after the store. */
function accessBody(m: binaryen.Module, name: string, offset: number): binaryen.ExpressionRef {
  const [type, op] = name.split(".") as ["i32" | "i64" | "f32" | "f64", string];
  const at = () => m.local.get(1, i32);
  const operations = m[type] as never as Record<string, (...args: unknown[]) => binaryen.ExpressionRef>;
  if (op.startsWith("load")) {
    const loaded = (operations[op] as (...args: unknown[]) => number)(offset, 1, at());
    if (type === "i32") return loaded;
    if (type === "f32") return m.i32.reinterpret(loaded);
    const wide = type === "f64" ? m.i64.reinterpret(loaded) : loaded;
    // The upper half of a product depends on all bits.
    return m.i32.wrap(
      m.i64.shr_u(m.i64.mul(wide, m.i64.const(0x9e3779b97f4a7c15n as never)), m.i64.const(32n as never)),
    );
  }
  const value = {
    i32: () => m.i32.const(-19088744),
    i64: () => m.i64.const(0x0765432101234567n as never),
    f32: () => m.f32.const(1.5),
    f64: () => m.f64.const(-2.25),
  }[type]();
  const stored = (operations[op] as (...args: unknown[]) => number)(offset, 1, at(), value);
  return m.block(null, [stored, m.i32.load(0, 1, m.i32.const(PAGE - 4))], i32);
}

/** Straight runs of accesses at changing distances from what the parameters say, between branches and short loops. */
function randomProgram(m: binaryen.Module, random: () => number): binaryen.ExpressionRef {
  const pick = (n: number): number => Math.floor(random() * n);
  const get = (n: number) => m.local.get(n, i32);
  const small = (): number => m.i32.const(pick(41) - 20);
  const pointer = (): number => 1 + pick(2);
  let labels = 0;
  const statement = (depth: number): binaryen.ExpressionRef => {
    const kind = pick(depth > 0 ? 12 : 8);
    const p = pointer();
    // Parameter 2 is anywhere: it becomes a pointer only as another one plus something.
    const base = (): binaryen.ExpressionRef =>
      pick(4) === 0 ? m.i32.add(get(1), m.i32.and(get(2), m.i32.const(31))) : get(1);
    const mix = (value: binaryen.ExpressionRef) => m.local.set(3, m.i32.add(m.i32.mul(get(3), m.i32.const(31)), value));
    switch (kind) {
      case 0:
        return m.local.set(1, m.i32.add(get(1), small()));
      case 1:
        return m.local.set(2, p === 1 ? get(1) : m.i32.sub(get(2), small()));
      case 2:
        return m.i32.store8(pick(9), 1, base(), get(3));
      case 3:
        return m.i32.store(pick(9), 1, m.i32.add(get(1), small()), get(3));
      case 4:
      case 5:
        return mix(m.i32.load8_u(pick(20), 1, base()));
      case 6:
        return mix(m.i32.load(pick(40), 1, m.i32.add(get(1), small())));
      case 7:
        return mix(m.i32.wrap(m.i64.load(pick(20), 1, m.i32.sub(get(1), small()))));
      case 8:
      case 9:
        return m.if(
          m.i32.and(get(3), m.i32.const(1 << pick(4))),
          block(depth - 1),
          pick(2) === 0 ? block(depth - 1) : undefined,
        );
      case 10: {
        const out = `out${labels++}`;
        return m.block(out, [statement(depth - 1), m.br(out, m.i32.and(get(3), m.i32.const(2))), block(depth - 1)]);
      }
      default: {
        // Parameter 4 counts down from a few.
        const again = `again${labels++}`;
        const count = m.local.set(4, m.i32.sub(get(4), m.i32.const(1)));
        return m.loop(again, m.block(null, [block(depth - 1), count, m.br(again, m.i32.gt_s(get(4), m.i32.const(0)))]));
      }
    }
  };
  const block = (depth: number): binaryen.ExpressionRef =>
    m.block(
      null,
      Array.from({ length: 1 + pick(6) }, () => statement(depth)),
    );
  const start = m.local.set(4, m.i32.const(3 + pick(6)));
  return m.block(null, [start, ...Array.from({ length: 6 }, () => statement(2)), get(3)], i32);
}

/** A small generator with a seed (public domain, Tommy Ettinger). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
