// `kanmon VERB`: puts the verbs together, adds --json to each, and turns errors into exit codes.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Command, CommanderError } from "commander";
import { EXIT, KanmonError } from "../errors.ts";
import { bench } from "./bench.ts";
import { boards } from "./boards.ts";
import { build } from "./build.ts";
import { calibration } from "./calibration.ts";
import { depth } from "./depth.ts";
import { evaluate } from "./evaluate.ts";
import { flash } from "./flash.ts";
import { image } from "./image.ts";
import { liveness } from "./liveness.ts";
import { log } from "./log.ts";
import { module } from "./module.ts";
import { monitor } from "./monitor.ts";
import { createOutput } from "./output.ts";
import { policy } from "./policy.ts";
import { enroll, identify, verify } from "./recognize.ts";
import { references } from "./references.ts";
import { sim } from "./sim.ts";
import type { Verb } from "./verb.ts";

const VERBS: Verb[] = [
  sim,
  enroll,
  verify,
  identify,
  evaluate,
  depth,
  boards,
  build,
  calibration,
  flash,
  image,
  liveness,
  log,
  module,
  monitor,
  policy,
  references,
  bench,
];

/** Runs the command line; sets `process.exitCode`. */
export async function main(argv: string[]): Promise<void> {
  const output = createOutput();
  // Seen before parsing, so that errors in the parsing are JSON too.
  output.json = argv.includes("--json");
  const program = new Command("kanmon")
    .description("One firmware for multimodal biometric readers: simulate, enrol, verify, evaluate, audit.")
    .version(version(), "-V, --version", "print the version")
    .configureOutput({ outputError: () => {} })
    .exitOverride();
  for (const verb of VERBS) program.addCommand(leaves(verb(output)));
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) output.fail(error);
    else if (error.exitCode === 0 || error.code === "commander.help") process.exitCode = error.exitCode && EXIT.usage;
    else
      output.fail(
        new KanmonError(
          "KAN-USAGE",
          error.message.replace(/^error: /, ""),
          "See `kanmon --help`, or `kanmon VERB --help` for examples.",
          EXIT.usage,
        ),
      );
  }
}

/** Adds what every command has, to the command itself or to each of its sub-commands. */
function leaves(command: Command): Command {
  command.exitOverride().configureOutput({ outputError: () => {} });
  const has = command.options.some(({ long }) => long === "--json"); // with words of its own
  if (command.commands.length === 0 && !has) command.option("--json", "print one JSON document on stdout");
  command.commands.forEach(leaves);
  return command;
}

/** Version of the program. */
function version(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
  return version;
}
