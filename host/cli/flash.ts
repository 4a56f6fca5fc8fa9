// `kanmon flash`: a signed image onto one device or many at once, over the link. Devices are chosen by what they are, not by where they
// happen to be; each is reported for itself, and one that fails does not stop the others.
import { readFileSync } from "node:fs";
import { Command } from "commander";
import { EXIT, type Exit, isReported, KanmonError } from "../errors.ts";
import { type Choice, type Chosen, choosePorts } from "../flash/choose.ts";
import { type Flashed, flashPort, type ImageFile, type Stage } from "../flash/flash.ts";
import { DEVELOPMENT_KEY_FILE, loadPublicKey } from "../image/keys.ts";
import { verifyImage } from "../image/verify.ts";
import { formatVersion } from "../image/version.ts";
import type { Output } from "./output.ts";
import { each, examples, type Verb } from "./verb.ts";
import { whole } from "./whole.ts";

interface Options extends Choice {
  key?: string;
  verifyOnly?: boolean;
  confirm: boolean;
}

/** What became of one port, as in --json. */
interface Report extends Partial<Flashed> {
  readonly port: string;
  readonly serial: string | undefined;
  readonly error?: { readonly code: string; readonly message: string; readonly help: string };
}

/** Errors after which an upload is gone on with. */
const BROKE_OFF = new Set(["KAN-LINK-CLOSED", "KAN-LINK-SILENT"]);
const AGAIN = "Run the same command again: it goes on where it stopped.";

const STATUS: Record<Flashed["status"], string> = {
  flashed: "runs the image, confirmed",
  on_trial: "runs the image on trial: the next start goes back, unless it is confirmed",
  already: "runs the image already; nothing was done",
  different: "runs another image",
};

export const flash: Verb = (output) =>
  new Command("flash")
    .description("update devices over the link: upload, test, restart, and confirm once it runs")
    .argument("<bin>", "a signed image, made by `kanmon image sign`")
    .option("--port <path>", "the device on this port; may be given several times, as --serial and --device", each)
    .option("--serial <number>", "the device whose USB serial number this is", each)
    .option(
      "--device <id>",
      "the device with this id, or with an id that begins so; asked on --port, or on all USB ports",
      each,
    )
    .option("--all", "every device on a USB port of this machine")
    .option("--baud <n>", "speed of the ports", whole(1), 3_000_000)
    .option("--key <key>", "the key that signed it, in PEM or pkcs11:… (default: this checkout's development key)")
    .option("--verify-only", "only say whether the devices run it")
    .option("--no-confirm", "leave it on trial")
    .addHelpText(
      "after",
      examples(
        ["The one device that is attached", "kanmon flash OUT.bin"],
        ["Two, by their USB serial numbers", "kanmon flash OUT.bin --serial 0670FF48 --serial 0670FF51"],
        ["By its key, wherever it is", "kanmon flash OUT.bin --device 1f0c2a9be4d35a70"],
        ["Does it run there?", "kanmon flash OUT.bin --port /dev/ttyACM0 --verify-only"],
      ),
    )
    .action((bin: string, options: Options) => run(bin, options, output));

async function run(bin: string, options: Options, output: Output): Promise<void> {
  if (options.all && (options.port || options.serial || options.device))
    throw new KanmonError(
      "KAN-USAGE",
      "--all goes without --port, --serial and --device",
      "Leave out one of them.",
      EXIT.usage,
    );
  const file = verified(bin, options.key);
  if (file.image.development) output.note("note: signed with a development key, never for production");
  const chosen = await choosePorts(options);
  const bars = output.bars();
  const stop = (): void => {
    bars.stop();
    output.note(`stopped. ${AGAIN}`);
    process.exit(130);
  };
  process.once("SIGINT", stop);
  let reports: { report: Report; exit: Exit }[];
  try {
    reports = await Promise.all(
      chosen.map((each) => {
        const bar = bars.add(each.port.path.padEnd(16), file.bytes.length);
        return one(each, file, options, (stage, done) => bar.update(done, stage));
      }),
    );
  } finally {
    process.off("SIGINT", stop);
    bars.stop();
    await Promise.all(chosen.map(({ port }) => port.close()));
  }
  const { version, securityCounter, digest, development } = file.image;
  const image = {
    file: bin,
    bytes: file.bytes.length,
    version: formatVersion(version),
    security_counter: securityCounter,
    digest: Buffer.from(digest).toString("hex"),
    development,
  };
  const failed = reports.filter(({ report }) => report.error);
  const done = reports.filter(({ report }) => !report.error);
  if (!output.json) for (const { report } of failed) output.note(errorText(report));
  output.answer(
    { image, ports: reports.map(({ report }) => report) },
    [`image ${image.version}, ${image.digest.slice(0, 16)}…`, ...done.map(({ report }) => text(report))].join("\n"),
    Math.max(...reports.map(({ exit }) => exit)) as Exit,
  );
}

/** Reads and verifies the image before any device is touched. Throws KAN-FILE, KAN-IMAGE-…. */
function verified(bin: string, key: string | undefined): ImageFile {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(bin);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new KanmonError("KAN-FILE", `${bin} cannot be read (${code})`, "Check the path of the image.");
  }
  return { bytes, image: verifyImage(bytes, loadPublicKey(key ?? DEVELOPMENT_KEY_FILE), bin) };
}

async function one(
  { port, error }: Chosen,
  file: ImageFile,
  { verifyOnly = false, confirm }: Options,
  onStage: (stage: Stage, done: number) => void,
): Promise<{ report: Report; exit: Exit }> {
  const { path, serial } = port;
  let sending = false;
  const tell = (stage: Stage, done: number): void => {
    sending = stage === "uploading";
    onStage(stage, done);
  };
  try {
    if (error !== undefined) throw error;
    const flashed = await flashPort(port, file, { verifyOnly, confirm, onStage: tell });
    const exit = flashed.status === "different" ? EXIT.no : EXIT.done;
    return { report: { port: path, serial, ...flashed }, exit };
  } catch (failed) {
    if (!isReported(failed)) throw failed;
    const { code, message, exit } = failed;
    const help = sending && BROKE_OFF.has(code) ? AGAIN : failed.help;
    return { report: { port: path, serial, error: { code, message, help } }, exit };
  }
}

function text({ port, device, board, engine, status, before }: Report): string {
  const ran = before ?? "nothing";
  const was = status === "already" ? "" : status === "different" ? `: it runs ${ran}` : `; before: ${ran}`;
  return `${port}: device ${device} (${board}, ${engine}) ${STATUS[status as Flashed["status"]]}${was}`;
}

function errorText({ port, error }: Report): string {
  return `${port}: error: ${error?.message}\n  ${error?.help}\n  ${error?.code} (docs/errors.md)`;
}
