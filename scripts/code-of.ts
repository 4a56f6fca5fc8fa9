// How much of an image's code runs only where a modality is served, or in the lab: a board without it never compiles it (engine-wasm3.c). Found
// in the module's text: what a runner reaches, and what it reaches without entering the modality's folder.
import { MODALITIES } from "../host/firmware/board.ts";
import type { FunctionSize } from "../host/wasm-sections.ts";

/** What a reader's runner calls; other exports are the lab's. */
const PRODUCT_EXPORTS = ["start", "receive_buffer", "receive", "poll"];

/** A function's name without the text format's escapes. */
export function plainName(name: string): string {
  return name.replaceAll("\\", "");
}

/** Bytes of functions by "lab" and by modality. `text`: the module with names, as binaryen prints it; `functions`: their sizes. */
export function codeBytesOf(text: string, functions: readonly FunctionSize[]): Record<string, number> {
  const sizes = new Map(functions.map(({ name, bytes }) => [name, bytes]));
  const [calls, roots] = [callsIn(text), rootsIn(text)];
  const reached = (enters: (name: string) => boolean): number => {
    const seen = new Set<string>();
    const open = roots.slice();
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (seen.has(name) || !enters(name)) continue;
      seen.add(name);
      open.push(...(calls.get(name) ?? []));
    }
    return [...seen].reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
  };
  const all = reached(() => true);
  const whole = functions.reduce((sum, { bytes }) => sum + bytes, 0);
  // The facade is asked whether a form is served, and answers on every board.
  const without = (modality: string) => (name: string) =>
    !name.startsWith(`assembly/${modality}/`) || name.startsWith(`assembly/${modality}/${modality}/`);
  return {
    lab: whole - all,
    ...Object.fromEntries(MODALITIES.map((modality) => [modality, all - reached(without(modality))])),
  };
}

function callsIn(text: string): Map<string, string[]> {
  const functions = text.matchAll(/^ \(func \$(\S+)([\s\S]*?)^ \)$/gm);
  return new Map([...functions].map(([, name, body]) => [plainName(name!), names(body!, /\(call \$([^\s)]+)/g)]));
}

/** What the runner calls, what the table holds, and what starts the module. */
function rootsIn(text: string): string[] {
  const exported = PRODUCT_EXPORTS.flatMap((name) =>
    names(text, new RegExp(`\\(export "${name}" \\(func \\$([^\\s)]+)\\)`, "g")),
  );
  const table = [...text.matchAll(/^ \(elem .*$/gm)].flatMap(([line]) => names(line, /\$([^\s)]*\/[^\s)]+)/g));
  return [...exported, ...table, ...names(text, /\(start \$([^\s)]+)\)/g)];
}

function names(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, name]) => plainName(name!));
}
