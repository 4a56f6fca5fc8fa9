// The scripted round of `kanmon sim`, at each stand in turn: somebody is enrolled, comes back and is accepted, somebody else claims to be
// them and is refused. Then the log proves it, and an emulated board's records are held against V8's.
import { proveEntry, verifyProof } from "../audit/prove.ts";
import { decodeRecord } from "../audit/record.ts";
import type { LogStore } from "../audit/store.ts";
import { EXIT } from "../errors.ts";
import type { SessionResult } from "../terminal/session.ts";
import type { Output } from "./output.ts";
import type { Reader } from "./reader.ts";
import { differences, type KeptSession, READERS_OWN, recordsOfV8 } from "./same-record.ts";
import { resultText } from "./sentences.ts";
import { calibrationOf, type Stand, type Visit, visit } from "./sim-stand.ts";

/** A visit and what should come of it. */
interface Scripted extends Visit {
  readonly title: string;
  readonly expected: SessionResult["decision"];
}

/** Between the numbers of somebody and of whoever claims to be them. */
const ANOTHER = 1_000_003;

/** Runs the round and answers; whether everything went as it should. `image`: what V8 runs beside a board. */
export async function runRound(
  reader: Reader,
  image: Uint8Array,
  stands: readonly Stand[],
  output: Output,
): Promise<boolean> {
  const { info } = reader;
  introduce(reader, output);
  const sensors = [];
  for (const stand of stands) sensors.push(await introduceSensor(stand, output));
  const calibrations = await calibrate(reader, stands);
  const { size: before } = (await reader.device.info()).log;
  // A reader whose state is kept knows people already; each round brings new ones.
  const person = before + 1;
  const user = `person-${person}`;
  const script: Scripted[] = [
    { title: "enrols", person, purpose: "enroll", user, expected: "enrolled" },
    { title: "returns", person, purpose: "verify", user, expected: "accept" },
    { title: "another claims it", person: person + ANOTHER, purpose: "verify", user, expected: "reject" },
  ];
  const visits = [];
  const kept: KeptSession[] = [];
  let passed = true;
  for (const stand of stands) {
    for (const { title, expected, ...scripted } of script) {
      const { result, session } = await visit(reader, stand, scripted);
      passed &&= result.decision === expected;
      kept.push(session);
      visits.push({ title, modality: stand.modality, purpose: scripted.purpose, user, ...result });
      const frames = `${result.reasons.length} frame${result.reasons.length === 1 ? "" : "s"}`;
      output.note(
        `${stand.modality.padEnd(10)}${title.padEnd(18)}${resultText(result, stand.modality, user)}, ${frames}`,
      );
    }
  }
  const log = await reader.collectLog();
  const last = log.size - 1;
  const proof = proveEntry(log, last);
  const { checkpoint } = verifyProof(proof, log.verifier);
  const same = info.engine === "v8" ? undefined : await compare(image, log, before, kept, calibrations);
  if (same) output.note(same.text);
  passed &&= same?.equal ?? true;
  output.answer(
    {
      passed,
      device: info.device.toString("hex"),
      image_digest: info.image.toString("hex"),
      policy_digest: info.policy.toString("hex"),
      board: info.board,
      engine: info.engine,
      ...(same ? { same_record_as_v8: same.equal, not_compared: READERS_OWN } : {}),
      sensors,
      visits,
      checkpoint: log.note,
      proof: { record: last, size: checkpoint.size, verified: true, text: proof },
    },
    `\n${log.note.trimEnd()}\n\nproof: record ${last} is in the log of ${checkpoint.size} records that this checkpoint signs: verified`,
    passed ? EXIT.done : EXIT.no,
  );
  return passed;
}

function introduce({ info }: Reader, output: Output): void {
  const where = info.engine === "v8" ? "V8" : `${info.engine} on ${info.board}`;
  const image = info.image.toString("hex").slice(0, 16);
  output.note(`reader    ${info.device.toString("hex")}, image ${image}… in ${where}`);
  output.note(`policy    ${info.policy.toString("hex").slice(0, 16)}…${info.development ? " (development)" : ""}`);
}

async function introduceSensor({ modality, sensor, line }: Stand, output: Output) {
  const { vendor, model, serial } = await sensor.identify();
  output.note(`sensor    ${vendor} ${model} ${serial} on ${line.path} (${line.kind})`);
  return { modality, vendor, model, serial, line: line.kind };
}

/** Gives the reader the calibrations of the stands' units, if it has not got them. Returns those that there are. */
async function calibrate({ device }: Reader, stands: readonly Stand[]): Promise<Uint8Array[]> {
  const documents: Uint8Array[] = [];
  for (const stand of stands) {
    const document = await calibrationOf(stand);
    if (!document) continue;
    documents.push(document);
    if (!Buffer.from(document).equals((await device.calibration()).document)) await device.setCalibration(document);
  }
  return documents;
}

/** Whether the log's records from `from` on are those that V8 makes of the same frames. */
async function compare(
  image: Uint8Array,
  log: LogStore,
  from: number,
  sessions: KeptSession[],
  calibrations: readonly Uint8Array[],
): Promise<{ equal: boolean; text: string }> {
  const records = await recordsOfV8(image, sessions, calibrations);
  const different = records.flatMap((record, i) => differences(record, decodeRecord(log.entry(from + i), from + i)));
  const equal = different.length === 0;
  const own = READERS_OWN.join(", ");
  const text = equal
    ? `records   equal to those of V8 for the same frames; not compared: ${own} (each reader's own place, key, clock and line)`
    : `records   DIFFER from those of V8 for the same frames in: ${[...new Set(different)].join(", ")}`;
  return { equal, text };
}
