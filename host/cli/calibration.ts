// `kanmon calibration show|set`: how the unit of a reader's face sensor measures. What is set is a signed document, or values that are
// signed here.
import { Command } from "commander";
import { parseDocument, stringify } from "yaml";
import { FaceSensor } from "../../hal/face/driver.ts";
import { type Calibration, checkCalibration, readCalibration, signCalibration } from "../calibration/document.ts";
import { EXIT, KanmonError } from "../errors.ts";
import { authorityKey, readWhole } from "./authority.ts";
import type { Output } from "./output.ts";
import { openReader, type ReaderOptions, withReader } from "./reader.ts";
import { examples, type Verb } from "./verb.ts";

interface SetOptions extends ReaderOptions {
  key?: string;
}

interface ShowOptions extends ReaderOptions {
  sensorPort?: string;
}

export const calibration: Verb = (output) =>
  new Command("calibration")
    .description("show or set the calibration of a reader's face sensor")
    .addCommand(
      withReader(
        new Command("show").description("print the calibration that the reader keeps, and whether it is in force"),
      )
        .option("--sensor-port <path>", "serial port of the face sensor, to be asked for its unit")
        .addHelpText(
          "after",
          examples(
            ["As a file to change", "kanmon calibration show > unit.yaml"],
            ["Is it that of the sensor that is connected?", "kanmon calibration show --sensor-port /dev/ttyUSB0"],
          ),
        )
        .action((options: ShowOptions) => show(options, output)),
    )
    .addCommand(
      withReader(new Command("set").description("sign a calibration, or take a signed one, and put it in force"))
        .argument("<file>", "YAML or JSON as `calibration show` prints it, or a signed document (COSE_Sign1)")
        .option("--key <pem>", "the authority's Ed25519 private key (default: the published development key)")
        .addHelpText(
          "after",
          examples(["What came with the unit", "kanmon calibration set unit.cose --port /dev/ttyACM0"]),
        )
        .action((file: string, options: SetOptions) => set(file, options, output)),
    );

async function show(options: ShowOptions, output: Output): Promise<void> {
  const reader = await openReader(options, output);
  try {
    const { digest: inForce, document } = await reader.device.calibration();
    if (document.length === 0)
      throw new KanmonError(
        "KAN-CALIBRATION-NONE",
        "no calibration was ever set on this reader",
        "See `kanmon calibration set --help`.",
        EXIT.no,
      );
    const { calibration, issued, digest } = readCalibration(document);
    const hex = Buffer.from(digest).toString("hex");
    const sensorUnit = options.sensorPort === undefined ? undefined : await unitOn(options.sensorPort);
    const verifies = inForce.equals(digest);
    const { unit } = calibration;
    const asked = sensorUnit === undefined ? {} : { sensor_unit: sensorUnit };
    output.answer(
      { ...calibration, issued, digest: hex, in_force: verifies && unit === (sensorUnit ?? unit), ...asked },
      [
        `# ${verifies ? standing(unit, sensorUnit) : UNVERIFIED}`,
        `# issued ${new Date(issued * 1000).toISOString()}`,
        `# digest ${hex}`,
        stringify(calibration).trimEnd(),
      ].join("\n"),
    );
  } finally {
    await reader.close();
  }
}

const UNVERIFIED = "kept, not in force: it does not verify (any more) under the authority that the reader trusts";

/** For whom a calibration that verifies is in force. `sensorUnit`: of the sensor that was asked. */
function standing(unit: string, sensorUnit: string | undefined): string {
  if (sensorUnit === undefined) return `in force for sessions of unit ${unit}`;
  return sensorUnit === unit
    ? `in force: the sensor is unit ${unit}`
    : `kept for unit ${unit}, not in force: the sensor is unit ${sensorUnit}`;
}

/** The unit of the face sensor on a serial port, as its sessions name it. Throws SensorError. */
async function unitOn(port: string): Promise<string> {
  const sensor = await FaceSensor.open(port);
  try {
    return (await sensor.identify()).serial;
  } finally {
    await sensor.close();
  }
}

async function set(file: string, options: SetOptions, output: Output): Promise<void> {
  const bytes = await readWhole(file, "calibration");
  // A COSE_Sign1 begins with its tag, 0xD2, which no YAML text begins with.
  const signed =
    bytes[0] === 0xd2
      ? readCalibration(bytes)
      : signCalibration(
          parse(file, bytes.toString("utf8")),
          await authorityKey(options.key, output),
          Math.floor(Date.now() / 1000),
        );
  const { unit, width, height } = signed.calibration;
  const reader = await openReader(options, output);
  try {
    const { record } = await reader.device.setCalibration(signed.document);
    await reader.collectLog();
    const digest = Buffer.from(signed.digest).toString("hex");
    output.answer(
      { unit, width, height, digest, record },
      `calibration of unit ${unit} for ${width}×${height} in force (record ${record})\n# digest ${digest}`,
    );
  } finally {
    await reader.close();
  }
}

function parse(file: string, text: string): Calibration {
  const document = parseDocument(text);
  const [error] = document.errors;
  try {
    if (error) throw error;
    const values: unknown = document.toJS({ maxAliasCount: 0 });
    return checkCalibration(withoutShown(values));
  } catch (cause) {
    if (cause instanceof KanmonError) throw cause;
    throw new KanmonError(
      "KAN-CALIBRATION-FILE",
      `${file}: ${(cause as Error).message.split("\n")[0]}`,
      "Start from what `kanmon calibration show` prints; docs/calibration.md has the fields.",
      EXIT.input,
    );
  }
}

/** Values less what `calibration show --json` prints besides: what is set is issued now. */
function withoutShown(values: unknown): unknown {
  if (typeof values !== "object" || values === null) return values;
  const { issued, digest, in_force, sensor_unit, ...rest } = values as Record<string, unknown>;
  return rest;
}
