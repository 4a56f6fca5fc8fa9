// `kanmon liveness show|set`: the liveness calibrations that a reader weighs evidence by, one a modality. What is set is a signed document, or
// tables that are signed here.
import { Command, Option } from "commander";
import { parseDocument, stringify } from "yaml";
import { EXIT, KanmonError } from "../errors.ts";
import { MODALITIES, type ModalityName } from "../evaluate/modality.ts";
import { type LivenessCalibration, readLiveness, type SignedLiveness, signLiveness } from "../liveness/document.ts";
import { checkTables } from "../liveness/tables.ts";
import { authorityKey, readWhole } from "./authority.ts";
import type { Output } from "./output.ts";
import { openReader, type ReaderOptions, withReader } from "./reader.ts";
import { examples, type Verb } from "./verb.ts";

interface ShowOptions extends ReaderOptions {
  modality: ModalityName;
}
interface SetOptions extends ReaderOptions {
  key?: string;
}

export const liveness: Verb = (output) =>
  new Command("liveness")
    .description("show or set the liveness calibrations of a reader")
    .addCommand(
      withReader(new Command("show").description("print the calibration of a modality that the reader keeps"))
        .addOption(new Option("--modality <name>", "of which").choices(Object.keys(MODALITIES)).makeOptionMandatory())
        .addHelpText("after", examples(["As a file to change", "kanmon liveness show --modality iris > iris.yaml"]))
        .action((options: ShowOptions) => show(options, output)),
    )
    .addCommand(
      withReader(new Command("set").description("sign a calibration, or take a signed one, and put it in force"))
        .argument("<file>", "YAML or JSON as `liveness show` prints it, or a signed document (COSE_Sign1)")
        .option("--key <pem>", "the authority's Ed25519 private key (default: the published development key)")
        .addHelpText(
          "after",
          examples(["What the laboratory signed", "kanmon liveness set iris.cose --port /dev/ttyACM0"]),
        )
        .action((file: string, options: SetOptions) => set(file, options, output)),
    );

async function show({ modality, ...options }: ShowOptions, output: Output): Promise<void> {
  const reader = await openReader(options, output);
  try {
    const { id: inForce, document } = await reader.device.liveness(modality);
    if (document.length === 0)
      throw new KanmonError(
        "KAN-LIVENESS-NONE",
        `no liveness calibration of ${modality} was ever set on this reader`,
        "See `kanmon liveness set --help`.",
        EXIT.no,
      );
    const { name, tables, id, issued } = readLiveness(document);
    const in_force = Buffer.compare(id, inForce) === 0;
    const state = in_force ? "in force" : "kept, but not in force: this image does not take it; set one that it takes";
    output.answer(
      { id: Buffer.from(id).toString("hex"), issued, in_force, name, tables },
      `${heading(id)}\n# ${state}\n# issued ${new Date(issued * 1000).toISOString()}\n${stringify({ name, tables }).trimEnd()}`,
    );
  } finally {
    await reader.close();
  }
}

const heading = (id: Uint8Array): string => `# id ${Buffer.from(id).toString("hex")}`;

async function set(file: string, options: SetOptions, output: Output): Promise<void> {
  const bytes = await readWhole(file, "liveness calibration");
  // A COSE_Sign1 begins with its tag, 0xD2, which no YAML text begins with.
  const signed: SignedLiveness =
    bytes[0] === 0xd2
      ? readLiveness(bytes)
      : signLiveness(
          parse(file, bytes.toString("utf8")),
          await authorityKey(options.key, output),
          Math.floor(Date.now() / 1000),
        );
  const { name, tables, id } = signed;
  const reader = await openReader(options, output);
  try {
    const { record } = await reader.device.setLiveness(signed.document);
    await reader.collectLog();
    const { modality, staged } = tables;
    output.answer(
      { id: Buffer.from(id).toString("hex"), name, modality, staged, record },
      `liveness calibration "${name}" of ${modality} in force (record ${record})${staged ? ": made on staged attacks, certifies nothing" : ""}\n${heading(id)}`,
    );
  } finally {
    await reader.close();
  }
}

function parse(file: string, text: string): LivenessCalibration {
  const document = parseDocument(text);
  const [error] = document.errors;
  try {
    if (error) throw error;
    const { name, tables } = Object(document.toJS({ maxAliasCount: 0 })) as { name: string; tables: unknown };
    return { name, tables: checkTables(tables) };
  } catch (cause) {
    if (cause instanceof KanmonError) throw cause;
    throw new KanmonError(
      "KAN-LIVENESS-FILE",
      `${file}: ${(cause as Error).message.split("\n")[0]}`,
      "Start from what `kanmon liveness show` prints; docs/liveness.md, section 5, has the fields.",
      EXIT.input,
    );
  }
}
