// A data set: a folder with manifest.csv (path,subject,position,session) and perhaps sensor.json. Everything wrong is an error with its line.
import { readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { EXIT, KanmonError } from "../errors.ts";
import { bandsFault, PROFILES, REGIONS } from "../form.ts";
import { CsvError, type CsvRecord, parseCsv } from "./csv.ts";

/** A capture of one biometric instance (an eye, a hand, a face). */
export interface Sample {
  /** Line of the manifest. */
  readonly line: number;
  /** As the manifest writes it: the name of the sample in reports. */
  readonly path: string;
  /** The bands or frames of the capture, absolute. */
  readonly files: readonly string[];
  readonly subject: string;
  readonly position: string;
  /** Empty where unknown. */
  readonly session: string;
}

export interface DataSet {
  readonly manifest: string;
  readonly samples: readonly Sample[];
  /** Columns that mean nothing here. */
  readonly ignored: readonly string[];
  readonly sensor: Sensor | undefined;
}

const SENSOR = z.looseObject({
  modality: z.enum(["palm", "iris", "face"]).optional(),
  region: z.enum(REGIONS).optional(),
  profile: z.enum(PROFILES).optional(),
  bands_nm: z
    .array(z.number().positive())
    .superRefine((bands, context) => {
      const message = bandsFault(bands);
      if (message !== undefined) context.addIssue({ code: "custom", message });
    })
    .optional(),
  kind: z.enum(["depth"]).optional(),
  unit_mm: z.number().positive().optional(),
  fx: z.number().positive().optional(),
  fy: z.number().positive().optional(),
  cx: z.number().optional(),
  cy: z.number().optional(),
  k1: z.number().optional(),
  k2: z.number().optional(),
  nearest_mm: z.number().positive().optional(),
  farthest_mm: z.number().positive().optional(),
});
/** What `sensor.json` declares, as a driver would. */
export type Sensor = z.infer<typeof SENSOR>;

/** Keys of it that mean nothing here: a set's own, or one misspelt. */
export function unknownKeys(sensor: Sensor): string[] {
  return Object.keys(sensor).filter((key) => !(key in SENSOR.shape));
}

const COLUMNS = ["path", "subject", "position", "session"] as const;
const MAX_BYTES = 64 * 1024 * 1024;
const FORMAT_HELP =
  'The manifest is CSV (UTF-8) that begins with "path,subject,position,session"; paths are relative to its folder, several files of one capture joined by ";".';

/** Reads the data set of `manifest`. Does not open the pictures. Throws `KAN-MANIFEST-FILE`, `KAN-MANIFEST-FORMAT` or `KAN-SENSOR-FORMAT`. */
export async function readDataSet(manifest: string): Promise<DataSet> {
  const text = await readText(manifest);
  const folder = dirname(resolve(manifest));
  const { samples, ignored } = parseManifest(text, manifest, folder);
  return { manifest, samples, ignored, sensor: await readSensor(join(folder, "sensor.json")) };
}

/** The samples of a manifest's text; `name` is what errors call it, `folder` what paths are relative to. */
export function parseManifest(text: string, name: string, folder: string): { samples: Sample[]; ignored: string[] } {
  const [header, ...rows] = records(text, name);
  if (header === undefined) throw formatError(name, 1, "the manifest is empty");
  const titles = header.fields.map((title) => title.trim().toLowerCase());
  for (const title of titles) {
    if (titles.indexOf(title) !== titles.lastIndexOf(title))
      throw formatError(name, header.line, `column "${title}" is there twice`);
  }
  const at = COLUMNS.map((column) => titles.indexOf(column));
  const missing = COLUMNS.filter((_, i) => at[i] === -1);
  if (missing.length > 0) throw formatError(name, header.line, `no column "${missing.join('", "')}"`);
  if (rows.length === 0) throw formatError(name, header.line, "there are no samples after the header");

  const seen = new Map<string, number>();
  const samples = rows.map(({ line, fields }) => {
    if (fields.length !== titles.length)
      throw formatError(name, line, `${fields.length} fields instead of ${titles.length}`);
    const [path, subject, position, session] = at.map((column) => fields[column]!.trim()) as [
      string,
      string,
      string,
      string,
    ];
    if (subject === "") throw formatError(name, line, "the subject is empty");
    const parts = path.split(";").map((part) => part.trim());
    if (parts.includes("")) throw formatError(name, line, "a path is empty");
    if (path.includes("\0")) throw formatError(name, line, "a path has a null character");
    const files = parts.map((part) => resolve(folder, part));
    const key = files.join(";");
    const earlier = seen.get(key);
    if (earlier !== undefined)
      throw formatError(name, line, `the same capture as line ${earlier}: it would be compared with itself`);
    seen.set(key, line);
    return { line, path, files, subject, position, session };
  });
  const named = samples.filter(({ session }) => session !== "").length;
  if (named > 0 && named < samples.length) {
    const { line } = samples.find(({ session }) => session === "")!;
    throw formatError(name, line, `no session, but ${named} of ${samples.length} samples name one: name all or none`);
  }
  return { samples, ignored: titles.filter((title) => !(COLUMNS as readonly string[]).includes(title)) };
}

function records(text: string, name: string): CsvRecord[] {
  try {
    return parseCsv(text);
  } catch (error) {
    if (error instanceof CsvError) throw formatError(name, error.line, error.message);
    throw error;
  }
}

async function readText(path: string): Promise<string> {
  const help = "Give the path of the data set's manifest.csv.";
  const fileError = (what: string) => new KanmonError("KAN-MANIFEST-FILE", `${path}: ${what}`, help, EXIT.input);
  const refuse = (error: NodeJS.ErrnoException): never => {
    throw fileError(error.code === "ENOENT" ? "there is no such file" : `cannot be read (${error.code})`);
  };
  const found = await stat(path).catch(refuse);
  if (!found.isFile()) throw fileError(found.isDirectory() ? "is a folder" : "is not a plain file");
  if (found.size > MAX_BYTES) throw fileError(`${found.size} bytes are too many (at most ${MAX_BYTES})`);
  const bytes = await readFile(path).catch(refuse);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw fileError("is not UTF-8 text");
  }
}

/** What a sensor.json declares, undefined where there is none. Throws `KAN-SENSOR-FORMAT`. */
export async function readSensor(path: string): Promise<Sensor | undefined> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw sensorError(path, `cannot be read (${error.code})`);
  });
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw sensorError(path, "is not JSON");
  }
  const parsed = SENSOR.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw sensorError(path, `${issue?.path.join(".") || "the document"}: ${issue?.message}`);
}

/** The error for what `sensor.json` at `path` does not say, or says wrong. */
function sensorError(path: string, what: string): KanmonError {
  return new KanmonError(
    "KAN-SENSOR-FORMAT",
    `${path}: ${what}`,
    "Correct sensor.json, or remove it where the modality needs none (iris).",
    EXIT.input,
  );
}

function formatError(name: string, line: number, what: string): KanmonError {
  return new KanmonError("KAN-MANIFEST-FORMAT", `${name}, line ${line}: ${what}`, FORMAT_HELP, EXIT.input);
}
