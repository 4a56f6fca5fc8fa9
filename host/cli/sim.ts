// `kanmon sim`: the reader on a laptop. The real image, in V8 or in the firmware of an emulated board, a simulated iris module on a virtual
// serial line, and people before it: one is enrolled, comes back and is accepted, somebody else claims to be them and is refused; then the
// log proves it.
import { randomBytes } from "node:crypto";
import { Command } from "commander";
import { openSimulatedIris, type SimulatedIris } from "../../hal/sim/simulated-iris.ts";
import { proveEntry, verifyProof } from "../audit/prove.ts";
import { decodeRecord } from "../audit/record.ts";
import type { LogStore } from "../audit/store.ts";
import { EXIT } from "../errors.ts";
import { loadImage } from "../evaluate/image.ts";
import type { Engine } from "../firmware/board.ts";
import { onLeaving, temporaryFolder } from "../leaving.ts";
import { runSession, type SessionRequest, type SessionResult } from "../terminal/session.ts";
import { withEngine } from "./engine.ts";
import type { Output } from "./output.ts";
import { openReader, type Reader } from "./reader.ts";
import { resultText, sentence } from "./recognize.ts";
import { differences, type KeptSession, keep, READERS_OWN, recordsOfV8 } from "./same-record.ts";
import { examples, type Verb } from "./verb.ts";

interface Options {
  once?: boolean;
  state?: string;
  board?: string;
  engine?: Engine;
}

/** A visit: who stands before the sensor, and what they want. */
interface Visit {
  readonly title: string;
  readonly person: number;
  readonly purpose: SessionRequest["purpose"];
  readonly user: string;
  readonly expected: SessionResult["decision"];
}

const FRAMES = 8;

export const sim: Verb = (output) =>
  withEngine(
    new Command("sim")
      .description(
        "run the reader with a simulated iris module on a virtual serial line: in V8, or as a board's firmware",
      )
      .option("--once", "run the scripted round and exit; without it, on a terminal, people keep coming until Ctrl-C")
      .option("--state <dir>", "keep the reader's state there (default: a new reader each time)")
      .option("--board <name>", "on an emulated board: its firmware is built, flashed and started (kanmon boards)"),
  )
    .addHelpText(
      "after",
      examples(
        ["The scripted round", "kanmon sim --once"],
        ["As JSON", "kanmon sim --once --json"],
        ["On an emulated Cortex-M7", "kanmon sim --board qemu_mps2_an500 --once"],
      ),
    )
    .action((options: Options) => run(options, output));

async function run(options: Options, output: Output): Promise<void> {
  // Read once: what V8 runs beside the board is what the board was given.
  const image = loadImage().bytes;
  // Leaving at once is safe at any moment: the journal bears a power cut. A reader that was not to be kept takes its keys along.
  const { path: folder, remove: forget } =
    options.state === undefined
      ? temporaryFolder("kanmon-")
      : { path: options.state, remove: onLeaving(() => undefined) };
  const { board, engine } = options;
  let iris: SimulatedIris | undefined;
  try {
    iris = await openSimulatedIris();
    const reader = await openReader(
      { state: folder, ...(board === undefined ? {} : { board }), ...(engine ? { engine } : {}) },
      output,
    );
    try {
      const passed = await round(reader, image, iris, output);
      // Nobody watches a pipe for ever: only on a terminal do people keep coming.
      if (passed && !options.once && !output.json && process.stdout.isTTY) await keepComing(reader, iris, output);
    } finally {
      await reader.close();
    }
  } finally {
    await iris?.close();
    forget();
  }
}

async function round(reader: Reader, image: Uint8Array, iris: SimulatedIris, output: Output): Promise<boolean> {
  const { info } = reader;
  const { vendor, model, serial } = await iris.sensor.identify();
  const where = info.engine === "v8" ? "V8" : `${info.engine} on ${info.board}`;
  output.note(
    `reader    ${info.device.toString("hex")}, image ${info.image.toString("hex").slice(0, 16)}… in ${where}`,
  );
  output.note(`policy    ${info.policy.toString("hex").slice(0, 16)}…${info.development ? " (development)" : ""}`);
  output.note(`sensor    ${vendor} ${model} ${serial} on ${iris.line.path} (${iris.line.kind})`);
  // A reader whose state is kept knows people already; each round brings new ones.
  const first = reader.info.log.size + 1;
  const user = `person-${first}`;
  const visits: Visit[] = [
    { title: "enrols", person: first, purpose: "enroll", user, expected: "enrolled" },
    { title: "returns", person: first, purpose: "verify", user, expected: "accept" },
    { title: "another claims it", person: first + 1_000_003, purpose: "verify", user, expected: "reject" },
  ];
  const results: SessionResult[] = [];
  const kept: KeptSession[] = [];
  for (const visit of visits) {
    const { result, session } = await present(reader, iris, visit);
    results.push(result);
    kept.push(session);
    const frames = `${result.reasons.length} frame${result.reasons.length === 1 ? "" : "s"}`;
    output.note(`${visit.title.padEnd(18)}${resultText(result, user)}, ${frames}`);
  }
  const log = await reader.collectLog();
  const last = log.size - 1;
  const proof = proveEntry(log, last);
  const { checkpoint } = verifyProof(proof, log.verifier);
  const same = info.engine === "v8" ? undefined : await compare(image, log, first - 1, kept);
  if (same) output.note(same.text);
  const passed = visits.every(({ expected }, i) => results[i]?.decision === expected) && (same?.equal ?? true);
  output.answer(
    {
      passed,
      device: info.device.toString("hex"),
      image_digest: info.image.toString("hex"),
      policy_digest: info.policy.toString("hex"),
      board: info.board,
      engine: info.engine,
      ...(same ? { same_record_as_v8: same.equal, not_compared: READERS_OWN } : {}),
      sensor: { vendor, model, serial, line: iris.line.kind },
      visits: visits.map(({ title, purpose, user }, i) => ({ title, purpose, user, ...results[i] })),
      checkpoint: log.note,
      proof: { record: last, size: checkpoint.size, verified: true, text: proof },
    },
    `\n${log.note.trimEnd()}\n\nproof: record ${last} is in the log of ${checkpoint.size} records that this checkpoint signs: verified`,
    passed ? EXIT.done : EXIT.no,
  );
  return passed;
}

/** Puts a person before the sensor and runs their session. */
async function present(
  reader: Reader,
  iris: SimulatedIris,
  { person, purpose, user }: Visit,
): Promise<{ result: SessionResult; session: KeptSession }> {
  iris.camera.present({ person });
  const { width, height } = await iris.sensor.configure({ width: 320, height: 240 });
  const request = {
    purpose,
    modality: "iris" as const,
    ...(purpose === "identify" ? {} : { user }),
    width,
    height,
    frames: FRAMES,
    enough: purpose === "enroll" ? 3 : 1,
    nonce: randomBytes(16),
    time: Math.floor(Date.now() / 1000),
  };
  const session = { request, frames: [] };
  const frames = keep(iris.sensor.capture({ frames: FRAMES }), session.frames);
  return { result: await runSession(reader.device, request, frames), session };
}

/** Whether the log's records from `from` on are those that V8 makes of the same frames. */
async function compare(
  image: Uint8Array,
  log: LogStore,
  from: number,
  sessions: KeptSession[],
): Promise<{ equal: boolean; text: string }> {
  const records = await recordsOfV8(image, sessions);
  const different = records.flatMap((record, i) => differences(record, decodeRecord(log.entry(from + i), from + i)));
  const equal = different.length === 0;
  const own = READERS_OWN.join(", ");
  const text = equal
    ? `records   equal to those of V8 for the same frames; not compared: ${own} (each reader's own place, key, clock and line)`
    : `records   DIFFER from those of V8 for the same frames in: ${[...new Set(different)].join(", ")}`;
  return { equal, text };
}

/** People come and are identified, some enrolled and some not, until Ctrl-C. */
async function keepComing(reader: Reader, iris: SimulatedIris, output: Output): Promise<void> {
  output.note("\npeople keep coming; Ctrl-C ends");
  const known: number[] = [];
  const first = 1000 * (reader.info.log.size + 10);
  for (let visit = 0; ; visit++) {
    const newcomer = visit % 3 === 0;
    const person = newcomer ? first + visit : visit % 3 === 1 ? (known.at(-1) as number) : -first - visit;
    const user = `visitor-${person}`;
    const visited = await present(reader, iris, {
      title: "",
      person,
      purpose: newcomer ? "enroll" : "identify",
      user,
      expected: "accept",
    }).catch((error: unknown) => {
      output.fail(error);
      return undefined;
    });
    const result = visited?.result;
    if (result?.decision === "enrolled") known.push(person);
    if (result)
      output.note(
        `${new Date().toISOString()}  ${newcomer ? resultText(result, user) : resultText(result)}${result.reasons.every((r) => r === "none") ? "" : ` [${result.reasons.map(sentence).join(", ")}]`}`,
      );
    await reader.collectLog();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}
