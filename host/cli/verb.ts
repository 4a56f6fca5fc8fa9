// What a verb of `kanmon` is: a function that makes its commander command. One file a verb.
import type { Command } from "commander";
import type { Output } from "./output.ts";

/** Makes the verb's command; its action reports through `output` and throws `KanmonError`s. `--json` is added to every command by main.ts. */
export type Verb = (output: Output) => Command;

/** Parses an option that may be given several times, with one value each: what stands behind it is never swallowed. */
export function each(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** Help text with examples, a line each: what it does, then the command. */
export function examples(...lines: [what: string, command: string][]): string {
  return `\nExamples:\n${lines.map(([what, command]) => `  # ${what}\n  $ ${command}`).join("\n")}\n`;
}
