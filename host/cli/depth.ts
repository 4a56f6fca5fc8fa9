// `kanmon depth`: a captured stack of fringe pictures, of any size, to phase and depth, by the decoder of the shipped image.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { readCapture } from "../depth/capture.ts";
import { decodeCapture } from "../depth/decode.ts";
import { depthPicture, maskPicture, previewPicture } from "../depth/pictures.ts";
import { type Report, reportOf } from "../depth/report.ts";
import { EXIT } from "../errors.ts";
import { loadImage } from "../evaluate/image.ts";
import { Results } from "../evaluate/output.ts";
import { prepareFolder } from "../folder.ts";
import type { Output } from "./output.ts";
import { showSteps } from "./steps.ts";
import { examples, type Verb } from "./verb.ts";

interface Options {
  capture: string;
  out: string;
  image?: string;
}

export const depth: Verb = (output) =>
  new Command("depth")
    .description("decode captured fringe pictures to phase and depth (docs/depth.md)")
    .requiredOption("--capture <file>", "the capture's JSON: size, frames, pattern, calibration")
    .requiredOption("--out <dir>", "where phase.f32, mask.png, depth.png, preview.png and report.json go")
    .option("--image <file>", "the image that decodes (default: the shipped one)")
    .addHelpText(
      "after",
      examples(["A stack of pictures", "kanmon depth --capture stack/capture.json --out stack/out"]),
    )
    .action((options: Options) => run(options, output));

async function run(options: Options, output: Output): Promise<void> {
  const image = loadImage(options.image);
  const capture = await readCapture(options.capture);
  prepareFolder(options.out);
  const results = new Results(options.out);
  const steps = showSteps(output);
  // Ctrl-C: no file that is half written stays behind.
  const stop = (): void => {
    steps.stop();
    results.discard();
    process.exit(130);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    const { decoded, memoryBytes } = await decodeCapture(capture, image, steps.onProgress);
    const { width, height } = capture;
    const report = reportOf(capture, decoded, image.digest, memoryBytes);
    const { phase, depth: mm } = decoded;
    await results.write("phase.f32", new Uint8Array(phase.buffer));
    await results.write("mask.png", await maskPicture(phase, width, height));
    if (mm !== undefined) await results.write("depth.png", await depthPicture(mm, width, height));
    const preview =
      mm === undefined
        ? previewPicture(phase, (value) => !Number.isNaN(value), true, width, height)
        : previewPicture(mm, (value) => value > 0, false, width, height);
    await results.write("preview.png", await preview);
    await results.write("report.json", `${JSON.stringify(report, null, 2)}\n`);
    await results.commit();
    // One of an earlier capture would be taken for this one's.
    if (mm === undefined) rmSync(join(options.out, "depth.png"), { force: true });
    output.answer(report, textOf(report, options.out), EXIT.done);
  } finally {
    steps.stop();
    results.discard();
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

function textOf({ masked, modulation, noise, depth: found }: Report, out: string): string {
  const limit =
    noise.phase_limit === null ? "" : `, at best ${noise.phase_limit} (camera noise ${noise.grey} grey levels)`;
  return [
    `phase      ${(100 * (1 - masked)).toFixed(2)} % of the pixels`,
    `modulation ${modulation.p50} grey levels (median)`,
    `noise      ${noise.phase} rad before filtering${limit}`,
    found === null
      ? "depth      none: the capture has no calibration"
      : `depth      ${found.p50} mm (median), ${found.pixels} pixels`,
    `written to ${out}`,
  ].join("\n");
}
