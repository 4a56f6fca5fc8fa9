// The same answers everywhere: the same frames to the image in V8, and in wasm3 and compiled ahead of time on this machine and on every
// emulated board that is installed. Templates, qualities, scores, records and the whole journal must be equal, byte for byte.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeEye, makePresentation, renderEye } from "../../hal/sim/eye.ts";
import { loadImage } from "../../host/evaluate/image.ts";
import { MODALITIES } from "../../host/evaluate/modality.ts";
import { type Board, type Engine, loadBoards } from "../../host/firmware/board.ts";
import { findProgram, hasCompiler } from "../../host/firmware/compiler.ts";
import { formOf, type Presentation } from "../../host/form.ts";
import { startLab } from "../../host/lab/board.ts";
import { type Lab, labCompare, labExtract } from "../../host/lab/lab.ts";
import { labCalibrate, labRecords, labSession } from "../../host/lab/session.ts";
import { labInV8 } from "../../host/lab/v8.ts";
import { encodeTables } from "../../host/liveness/encoding.ts";
import { type Measured, measuredBytes } from "../../host/liveness/lab.ts";
import type { Tables } from "../../host/liveness/tables.ts";
import { face, GEOMETRY, PHASE_GRAY, PHASE_SHIFT, SIZE } from "../face-pictures.ts";
import { palm, palmBands, SIDE } from "../palm-pictures.ts";

const image = loadImage();
const IRIS = MODALITIES.iris.id;
const PALM = MODALITIES.palm.id;
const FACE = MODALITIES.face.id;
const eye = (person: number, presentation: number, width = 320, height = 240): Uint8Array =>
  renderEye(makeEye(person, "right"), makePresentation(presentation), width, height);

const CROPPED = { width: SIDE, height: SIDE } as const;
/** Of sessions of palms in two bands. */
const TINY = { width: 96, height: 96 } as const;
const SMALL = { width: 160, height: 120 } as const;

/** Frames that give templates, and frames that are anything but eyes. `long`: QEMU's serial line takes too long for it (20 KB/s). */
const FRAMES: readonly { what: string; width: number; height: number; pixels: Uint8Array; long?: true }[] = [
  { what: "an eye", width: 320, height: 240, pixels: eye(1, 1) },
  { what: "the same eye", width: 320, height: 240, pixels: eye(1, 2) },
  { what: "another eye", width: 320, height: 240, pixels: eye(2, 3), long: true },
  { what: "a small eye", width: 160, height: 120, pixels: eye(3, 4, 160, 120) },
  { what: "noise", width: 160, height: 120, pixels: noise(160 * 120) },
  { what: "noise, large", width: 320, height: 240, pixels: noise(320 * 240), long: true },
  { what: "black", width: 160, height: 120, pixels: new Uint8Array(160 * 120) },
  { what: "white", width: 160, height: 120, pixels: new Uint8Array(160 * 120).fill(255) },
  { what: "the largest eye", width: 600, height: 450, pixels: eye(4, 5, 600, 450), long: true },
];

/** The same of palms, which have a form besides a size. Small ones: the line again. */
const PALMS: readonly {
  what: string;
  presentation: Presentation;
  width: number;
  height: number;
  pixels: Uint8Array;
  long?: true;
}[] = [
  { what: "a palm", presentation: {}, ...CROPPED, pixels: palm(1) },
  { what: "the same palm", presentation: {}, ...CROPPED, pixels: palm(1, 1) },
  { what: "another palm", presentation: {}, ...CROPPED, pixels: palm(2), long: true },
  { what: "a guided palm", presentation: { profile: "guided" }, ...CROPPED, pixels: palm(2, 1), long: true },
  {
    what: "a palm behind a window",
    presentation: { region: "window", profile: "guided" },
    ...SMALL,
    pixels: palm(1, 2, 0, { region: "window", profile: "guided", ...SMALL }),
    long: true,
  },
  {
    what: "a whole hand",
    presentation: { region: "whole hand" },
    ...SMALL,
    pixels: palm(1, 3, 0, { region: "whole hand", ...SMALL }),
  },
  {
    what: "a whole hand in two bands",
    presentation: { region: "whole hand", bands_nm: [850, 940] },
    width: 320,
    height: 240,
    pixels: palmBands(1, 4, { region: "whole hand", width: 320, height: 240 }),
    long: true,
  },
  { what: "noise for a window", presentation: { region: "window" }, width: 64, height: 64, pixels: noise(64 * 64) },
  {
    what: "noise for a whole hand",
    presentation: { region: "whole hand" },
    ...SMALL,
    pixels: noise(160 * 120),
    long: true,
  },
  { what: "no palm", presentation: {}, ...CROPPED, pixels: new Uint8Array(SIDE * SIDE), long: true },
];

/** Faces: the smallest stack there is, its coded rows decoded as they come. */
const FACES = [
  { what: "a face", stack: face(1, 1) },
  { what: "the same face", stack: face(1, 2), long: true },
  { what: "nobody", stack: face(1, 3, PHASE_GRAY, "nobody"), long: true },
  { what: "a face in sixteen pictures", stack: face(1, 1, PHASE_SHIFT), long: true },
] as const;

type Answers = Record<string, string | number>;

/** The vectors of docs/liveness.md that the image works out. */
const LIVENESS = JSON.parse(readFileSync(join(import.meta.dirname, "../vectors/liveness.json"), "utf8")) as {
  tables: { [name: string]: Tables };
  vectors: {
    entropy: { counts: number[]; least: number }[];
    evidence: { tables: string; measured: Measured }[];
  };
};

/** Entropies and evidence, from the memory that a frame would have. */
async function livenessAnswers(lab: Lab): Promise<Answers> {
  const all: Answers = {};
  const { result: at } = await lab.call("lab_frame", IRIS, SMALL.width, SMALL.height, 0);
  for (const [i, { counts, least }] of LIVENESS.vectors.entropy.entries()) {
    await lab.put(at, new Uint8Array(Uint32Array.from(counts).buffer));
    all[`entropy ${i}`] = (await lab.call("lab_entropy", at, counts.length, least)).result;
  }
  for (const [i, { tables, measured }] of LIVENESS.vectors.evidence.entries()) {
    const encoded = encodeTables(LIVENESS.tables[tables] as Tables);
    await lab.put(at, measuredBytes(measured));
    await lab.put(at + 1024, encoded);
    const { result: count } = await lab.call("lab_evidence", at + 1024, encoded.length, at, at + 512);
    all[`evidence ${i}`] = hex(await lab.get(at + 512, 4 * count));
  }
  return all;
}

/** Everything that is compared. */
async function answers(lab: Lab, long: boolean, faces = true): Promise<Answers> {
  const all: Answers = {};
  const templates: Uint8Array[] = [];
  all["start"] = (await lab.begin(1_000_000n, 100)).result;
  for (const { what, width, height, pixels } of FRAMES.filter((frame) => long || !frame.long)) {
    const made = await labExtract(lab, IRIS, pixels, width, height);
    all[`${what}: reason`] = made?.reason ?? "not taken";
    if (made === undefined) continue;
    all[`${what}: template`] = hex(made.template);
    all[`${what}: quality`] = hex(made.quality);
    if (made.reason === 0) templates.push(made.template);
  }
  for (const [i, a] of templates.entries())
    for (const [j, b] of templates.entries())
      if (i <= j) all[`score ${i} ${j}`] = (await labCompare(lab, IRIS, a, b)).result;

  const palms = new Map<number, Uint8Array[]>();
  for (const { what, presentation, width, height, pixels } of PALMS.filter((frame) => long || !frame.long)) {
    const form = formOf(presentation);
    const made = await labExtract(lab, PALM, pixels, width, height, form);
    all[`${what}: reason`] = made?.reason ?? "not taken";
    if (made === undefined) continue;
    all[`${what}: template`] = hex(made.template);
    all[`${what}: quality`] = hex(made.quality);
    if (made.reason === 0) palms.set(form, [...(palms.get(form) ?? []), made.template]);
  }
  for (const [form, made] of palms)
    for (const [i, a] of made.entries())
      for (const [j, b] of made.entries())
        all[`palm score ${form} ${i} ${j}`] = (await labCompare(lab, PALM, a, b)).result;

  Object.assign(all, await livenessAnswers(lab));

  const heads: Uint8Array[] = [];
  for (const one of FACES.filter((one) => faces && (long || !("long" in one)))) {
    const { what, stack } = one;
    const form = formOf({ kind: what.includes("sixteen") ? "phase-shift" : "phase-gray" });
    const made = await labExtract(lab, FACE, stack, SIZE.width, SIZE.height, form, GEOMETRY);
    all[`${what}: reason`] = made?.reason ?? "not taken";
    if (made === undefined) continue;
    all[`${what}: template`] = hex(made.template);
    all[`${what}: quality`] = hex(made.quality);
    if (made.reason === 0) heads.push(made.template);
  }
  for (const [i, a] of heads.entries())
    for (const [j, b] of heads.entries())
      if (i <= j) all[`face score ${i} ${j}`] = (await labCompare(lab, FACE, a, b)).result;

  await lab.begin(2_000_000n, 200);
  const small = (person: number, presentation: number) => eye(person, presentation, 160, 120);
  const sessions = [
    { purpose: "enroll", user: "한국 日本", frames: [small(1, 1), small(1, 2)] },
    { purpose: "verify", user: "한국 日本", frames: [small(1, 6)] },
    { purpose: "verify", user: "한국 日本", frames: [small(2, 3)] },
    { purpose: "identify", frames: [noise(160 * 120), small(1, 7)] },
  ] as const;
  for (const [number, session] of sessions.entries())
    all[`decision ${number}`] = JSON.stringify((await labSession(lab, { ...SMALL, ...session, number })).decision);
  const hand = { modality: "palm", ...TINY, presentation: { bands_nm: [850, 940] } } as const;
  const visits = [
    { purpose: "enroll", user: "손 手", frames: [palmBands(1, 5, TINY)] },
    { purpose: "identify", frames: [palmBands(1, 6, TINY)] },
  ] as const;
  for (const [i, visit] of visits.entries()) {
    const number = sessions.length + i;
    all[`decision ${number}`] = JSON.stringify((await labSession(lab, { ...hand, ...visit, number })).decision);
  }
  if (long) {
    await labCalibrate(lab, GEOMETRY, SIZE.width, SIZE.height);
    const head = { modality: "face", ...SIZE, presentation: { kind: "phase-gray" } } as const;
    const seen = [
      { purpose: "enroll", user: "얼굴 顔", frames: [face(1, 1)] },
      { purpose: "verify", user: "얼굴 顔", frames: [face(1, 2)] },
    ] as const;
    for (const [i, visit] of seen.entries())
      all[`face decision ${i}`] = JSON.stringify(
        (await labSession(lab, { ...head, ...visit, number: 8 + i })).decision,
      );
  }
  for (const [i, record] of (await labRecords(lab)).entries()) all[`record ${i}`] = hex(record);
  all["journal"] = hex(await lab.readJournal());
  return all;
}

/** The compiled image is compared on this machine and on the Cortex-M7; on the others the rounds of sim.test.ts run it, and compare records. */
const AOT_HERE = ["native_sim", "qemu_mps2_an500"];

/** A face takes an interpreter in an emulator over a minute: of the emulated boards on this one. */
const WITH_FACES = ["qemu_mps2_an500"];
const withoutFaces = (all: Answers): Answers =>
  Object.fromEntries(Object.entries(all).filter(([what]) => !/^(a face|face score)/.test(what)));

/** Boards with an emulator; what is not installed is said, not passed over in silence. */
const combinations = loadBoards()
  .filter(({ emulator }) => emulator !== undefined)
  .flatMap((board) =>
    board.engines
      .filter((engine) => engine === "wasm3" || AOT_HERE.includes(board.name) || !board.engines.includes("wasm3"))
      .map((engine) => ({ board, engine, missing: missing(board, engine) })),
  );
const skipped = combinations.filter(({ missing }) => missing !== undefined);

describe("the image gives the same answers", () => {
  let expected: Answers = {};
  let expectedShort: Answers = {};
  beforeAll(async () => {
    const inV8 = (long: boolean) => answers(labInV8(image.bytes, combinations[0]!.board), long);
    [expected, expectedShort] = [await inV8(true), await inV8(false)];
  }, 120_000);
  afterAll(() => {
    for (const { board, engine, missing } of skipped)
      console.warn(`skipped: ${engine} on ${board.name}, ${missing} is not installed`);
  });

  it("in V8, where frames of eyes give templates, the same person is known, and records are made", () => {
    expect(expected["an eye: reason"]).toBe(0);
    expect(expected["black: reason"]).not.toBe(0);
    expect(expected["score 0 1"]).toBeGreaterThan(expected["score 0 2"] as number);
    expect(expected["decision 1"]).toContain('"accept"');
    expect(expected["decision 2"]).not.toContain('"accept"');
    expect(expected["record 3"]).toBeDefined();
  });

  it("in V8, where palms give templates, the same hand is known, and black is none", () => {
    for (const what of ["a palm", "the same palm", "another palm", "a whole hand in two bands"])
      expect(expected[`${what}: reason`], what).toBe(0);
    expect(expected["no palm: reason"]).not.toBe(0);
    const score = (probe: number, reference: number) => expected[`palm score 1 ${probe} ${reference}`] as number;
    expect(score(0, 1)).toBeGreaterThan(score(0, 2));
    expect(expected["decision 5"]).toContain('"accept"');
    expect(expected["record 5"]).toBeDefined();
  });

  it("in V8, where faces give templates, the same person is known, and an empty place is none", () => {
    for (const what of ["a face", "the same face", "a face in sixteen pictures"])
      expect(expected[`${what}: reason`], what).toBe(0);
    expect(expected["nobody: reason"]).not.toBe(0);
    expect(expected["face score 0 1"]).toBeGreaterThan(700_000);
    expect(expected["face decision 1"]).toContain('"accept"');
  });

  for (const { board, engine, missing } of combinations)
    it.skipIf(missing !== undefined)(
      `in ${engine} on ${board.name}`,
      async () => {
        const { lab, close } = await startLab(board, engine, image, { count: false });
        const native = board.emulator?.command === "{elf}";
        try {
          const faces = native || WITH_FACES.includes(board.name);
          const wanted = native ? expected : faces ? expectedShort : withoutFaces(expectedShort);
          expect(await answers(lab, native, faces)).toEqual(wanted);
        } finally {
          await close();
        }
      },
      600_000,
    );
});

/** The program that is missing for this board and engine. */
function missing(board: Board, engine: Engine): string | undefined {
  if (!hasCompiler(board)) return `${board.toolchain.prefix}gcc`;
  const command = board.emulator?.command ?? "";
  if (!command.includes("{elf}") && !findProgram(command)) return command;
  return engine === "aot" && !findProgram("wasm2c") ? "wasm2c" : undefined;
}

/** Pixels by chance, the same each time (a linear congruential generator, Numerical Recipes). */
function noise(count: number): Uint8Array {
  let state = 20_261_123;
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
