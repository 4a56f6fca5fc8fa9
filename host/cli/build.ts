// `kanmon build`: a board's firmware, with a table of what takes how much before anything is written.
import { relative } from "node:path";
import { Command, Option } from "commander";
import { ENGINES, type Engine, loadBoard } from "../firmware/board.ts";
import { buildFirmware, type Firmware } from "../firmware/build.ts";
import { fitTable } from "../firmware/fit.ts";
import { warnReadable } from "./key-file.ts";
import type { Output } from "./output.ts";
import { each, examples, type Verb } from "./verb.ts";
import { whole } from "./whole.ts";

interface Options {
  board: string;
  engine?: Engine;
  lab?: boolean;
  sanitize?: boolean;
  key?: string;
  rootKey?: string[];
  imageVersion?: string;
  securityCounter?: number;
  out?: string;
}

export const build: Verb = (output) =>
  new Command("build")
    .description("build a board's firmware and its signed image; says first whether they fit")
    .requiredOption("--board <name>", "which board (kanmon boards lists them)")
    .addOption(new Option("--engine <name>", "what runs the image (default: the board's first)").choices(ENGINES))
    .option("--lab", "the lab firmware: same image and engine, for measuring; never ship it")
    .option("--sanitize", "with the address and undefined-behaviour sanitizers (native_sim)")
    .option("--key <key>", "signs the image: a PEM file or a pkcs11: URI (default: the development key)")
    .option(
      "--root-key <key>",
      "public key whose images the board will take; may be given several times (default: the signing key's)",
      each,
    )
    .option("--image-version <version>", "of the signed image (default: the project's)")
    .addOption(new Option("--security-counter <n>", "of the signed image").default(0).argParser(whole(0)))
    .option("--out <dir>", "where builds go (default: build/boards)")
    .addHelpText(
      "after",
      examples(
        ["For the emulated Cortex-M7", "kanmon build --board qemu_mps2_an500"],
        [
          "For production: only images of that key will run (kanmon image keygen --out operator.pem writes both halves)",
          "kanmon build --board nucleo_h743zi --root-key operator.pub.pem",
        ],
      ),
    )
    .action((options: Options) => run(options, output));

async function run(options: Options, output: Output): Promise<void> {
  const { board: name, rootKey, ...rest } = options;
  const firmware = await buildWithProgress(
    { ...rest, board: loadBoard(name), ...(rootKey ? { rootKeys: rootKey } : {}) },
    output,
  );
  warnReadable(options.key, output);
  const { facts, folder } = firmware;
  output.answer(
    { folder: relative(process.cwd(), folder), ...facts },
    [fitTable(facts.fit), "", ...warnings(firmware), `${relative(process.cwd(), folder)}/`, ...files(firmware)].join(
      "\n",
    ),
  );
}

/** Builds with a progress bar; where something does not fit, the table is shown before the error. */
export async function buildWithProgress(
  options: Parameters<typeof buildFirmware>[0],
  output?: Output,
): Promise<Firmware> {
  let progress: ReturnType<Output["progress"]> | undefined;
  try {
    return await buildFirmware({
      ...options,
      onFit(areas) {
        if (areas.some(({ fits }) => !fits)) output?.note(fitTable(areas));
      },
      onProgress(done, total) {
        if (done < total) progress ??= output?.progress(`Building ${options.board.name}`, total);
        progress?.update(done);
      },
    });
  } finally {
    progress?.stop();
  }
}

function files({ facts }: Firmware): string[] {
  return facts.files.map(
    ({ name, bytes, sha256 }) =>
      `  ${name.padEnd(32)}${bytes.toLocaleString("en-US").padStart(11)}  sha256 ${sha256.slice(0, 16)}…`,
  );
}

function warnings({ facts, image }: Firmware): string[] {
  return [
    ...(facts.root_keys.some(({ development }) => development)
      ? ["takes images of this checkout's development key: not for production (--root-key)"]
      : []),
    ...(image === undefined
      ? [
          "no image was signed: its key is not here. Sign one with it:",
          `  kanmon image sign --key KEY.pem --image-version ${facts.image_version} --security-counter ${facts.security_counter} build/kanmon.wasm OUT.bin`,
        ]
      : []),
    ...(facts.kind === "lab" ? ["lab firmware: it shows what it is given; never ship it"] : []),
  ];
}
