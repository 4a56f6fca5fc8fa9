// `kanmon enroll`, `verify` and `identify`: one session on a reader, with pictures as its frames.
import { dirname, join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { type DepthCamera, depthCamera } from "../calibration/depth-camera.ts";
import { withFilesCalibration } from "../calibration/of-files.ts";
import { EXIT, KanmonError } from "../errors.ts";
import { readSensor } from "../evaluate/manifest.ts";
import { MODALITIES, type ModalityName } from "../evaluate/modality.ts";
import { openForm } from "../form.ts";
import { depthFrames, frameFiles, pictureFrames, pictureSize } from "../terminal/pictures.ts";
import { runSession, type SessionEvents, type SessionRequest } from "../terminal/session.ts";
import type { Output } from "./output.ts";
import { type PresentationOptions, presentationOf, withPresentation } from "./presentation.ts";
import { openReader, type ReaderOptions, withReader } from "./reader.ts";
import { resultText, sentence } from "./sentences.ts";
import { userOf } from "./user.ts";
import { examples, type Verb } from "./verb.ts";

interface Options extends ReaderOptions, PresentationOptions {
  modality: ModalityName;
  input: string[];
  user?: string;
  sensor?: string;
  frames?: number;
}

type Purpose = SessionRequest["purpose"];

/** A verb that runs one session with `purpose`. */
function recognize(purpose: Purpose, description: string, example: string): Verb {
  return (output) => {
    const command = new Command(purpose)
      .description(description)
      .addOption(
        new Option("--modality <name>", "what the pictures show")
          .choices(Object.keys(MODALITIES))
          .makeOptionMandatory(),
      )
      .requiredOption(
        "--input <file...>",
        'pictures of one person: several are several frames of one session; the bands of one capture are joined by ";"',
      );
    if (purpose !== "identify")
      command.requiredOption("--user <id>", "who it is about: up to 64 bytes of text", userOf);
    command.option(
      "--sensor <file>",
      "face: what the depth camera declares (default: sensor.json beside the first picture)",
    );
    command.option(
      "--frames <n>",
      "face: so many pictures in a row are frames of one presentation, and are fused to one sample (1 to 4, default: 1)",
      fuseOf,
    );
    return withReader(withPresentation(command))
      .addHelpText(
        "after",
        examples(
          [description, example],
          ["On a real reader", `${example} --port /dev/ttyACM0`],
          [
            "A palm in two bands",
            `kanmon ${purpose} --modality palm --bands 850,940 ${purpose === "identify" ? "" : "--user alice "}--input "alice-850.png;alice-940.png"`,
          ],
        ),
      )
      .action((options: Options) => run(purpose, options, output));
  };
}

export const enroll = recognize(
  "enroll",
  "enrol a person: seal a reference of their pictures in the reader",
  "kanmon enroll --modality iris --user alice --input alice1.png alice2.png",
);
export const verify = recognize(
  "verify",
  "compare a person with the reference of the user they claim to be",
  "kanmon verify --modality iris --user alice --input probe.png",
);
export const identify = recognize(
  "identify",
  "search all references for a person",
  "kanmon identify --modality iris --input probe.png",
);

/** What a reader takes at most (assembly/session/): told here, where the option has a name. */
const FRAMES_MAX = 32;
const USER_BYTES_MAX = 64;
const FUSED_MAX = 4;

function fuseOf(text: string): number {
  const frames = /^\d$/.test(text) ? Number(text) : 0;
  if (frames < 1 || frames > FUSED_MAX) throw new InvalidArgumentError(`must be 1 to ${FUSED_MAX}.`);
  return frames;
}

function checkOptions({ modality, input, user, region, profile, bands, sensor, frames }: Options): void {
  const refuse = (what: string, help: string) => new KanmonError("KAN-USAGE", what, help, EXIT.usage);
  if (input.length > FRAMES_MAX)
    throw refuse(`--input names ${input.length} pictures`, `A session takes at most ${FRAMES_MAX}.`);
  if (modality !== "palm" && (region ?? profile ?? bands) !== undefined)
    throw refuse("--region, --profile and --bands are of palms", "Leave them out, or give --modality palm.");
  if (modality !== "face" && (sensor ?? frames) !== undefined)
    throw refuse("--sensor and --frames are of faces", "Leave them out, or give --modality face.");
  const bytes = Buffer.byteLength(user ?? "x");
  if (bytes < 1 || bytes > USER_BYTES_MAX || /\p{Cc}/u.test(user ?? ""))
    throw refuse(
      `--user is ${bytes} bytes long, or has control characters`,
      `Give 1 to ${USER_BYTES_MAX} bytes of text.`,
    );
}

async function run(purpose: Purpose, options: Options, output: Output): Promise<void> {
  checkOptions(options);
  const { modality, user, input } = options;
  const presentation = presentationOf(options);
  const frames = frameFiles(input, modality, presentation);
  const size = await pictureSize(frames, modality);
  const camera = modality === "face" ? await cameraOf(options) : undefined;
  const reader = await openReader(options, output);
  try {
    const progress = output.progress("Reading", input.length);
    const whom = user === undefined ? {} : { user };
    const request = { purpose, modality, ...whom, ...openForm(presentation), ...size, frames: input.length };
    const fused = options.frames === undefined ? {} : { fuse: options.frames };
    const events: SessionEvents = {
      onFrame: (reason, taken) => progress.update(taken, reason === "none" ? "" : sentence(reason, modality)),
      onWait: (ms) => output.note(`waiting ${Math.ceil(ms / 1000)} s: tries before this one failed`),
    };
    let calibrated = {};
    const result = await (camera
      ? withFilesCalibration(reader.device, camera.geometry, size, output.note, (unit, { digest }) => {
          calibrated = { calibration_digest: Buffer.from(digest).toString("hex") };
          return runSession(
            reader.device,
            { ...request, ...fused, ...unit },
            depthFrames(frames, size, camera.unitMm),
            events,
          );
        })
      : runSession(reader.device, request, pictureFrames(frames, size), events)
    ).finally(() => progress.stop());
    const log = await reader.collectLog();
    for (const note of frameNotes(options, result.reasons)) output.note(note);
    const yes = result.decision === "accept" || result.decision === "enrolled";
    const { reasons, ...answer } = result;
    output.answer(
      {
        ...answer,
        frames: input.map((path, i) => ({ path, reason: reasons[i] })),
        image_digest: reader.info.image.toString("hex"),
        policy_digest: reader.info.policy.toString("hex"),
        ...calibrated,
        log_size: log.size,
      },
      resultText(result, modality, user),
      yes ? EXIT.done : EXIT.no,
    );
  } finally {
    await reader.close();
  }
}

/** What the depth camera of the pictures declares. Throws KAN-SENSOR-FORMAT. */
async function cameraOf({ sensor, input }: Options): Promise<DepthCamera> {
  const path = sensor ?? join(dirname(input[0] as string), "sensor.json");
  return depthCamera(path, await readSensor(path));
}

/** Reasons by which a picture is refused that was taken otherwise than said: of the whole hand, and read as a region, for instance. */
const MISTAKEN = ["too_near", "too_far", "partly_outside", "folded", "tilted", "not_found"];

/** What the one answer does not tell: which of several pictures gave no sample, and that the region may have been meant otherwise. */
function frameNotes({ modality, input, region }: Options, reasons: readonly string[]): string[] {
  const refused = reasons.flatMap((reason, i) =>
    reason === "none" ? [] : `${input[i]}: ${sentence(reason, modality)}`,
  );
  const notes = input.length > 1 ? refused : [];
  if (modality === "palm" && region === undefined && reasons.every((reason) => MISTAKEN.includes(reason)))
    notes.push('note: read as regions cropped from palms; --region window or "whole hand" if the pictures show more');
  return notes;
}
