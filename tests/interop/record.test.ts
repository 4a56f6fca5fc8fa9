// Records from the image to the auditor: any fields the session may set come out as the host's schema has them, deterministic; and a
// log of them, with its checkpoint and proofs, is verified by a program that shares no code with Kanmon (pec.py).
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatVerifier, verifierOf } from "../../host/audit/note.ts";
import { proveEntry } from "../../host/audit/prove.ts";
import { decodeRecord, readableRecord } from "../../host/audit/record.ts";
import { LogStore } from "../../host/audit/store.ts";
import { leafHash } from "../../host/audit/tree.ts";
import { rawKey } from "../../host/cose.ts";
import { BANDS, DECISIONS, MODALITIES, PURPOSES, QUALITY_MEASURES, REASONS } from "../../host/vocabulary.ts";
import { buildImage, DEVICE_KEY, startImage } from "./image.ts";

// Fields as assembly/pec/record.ts numbers them.
const WORDS = { band: [0, BANDS], reason: [8, REASONS], purpose: [9, PURPOSES], decision: [14, DECISIONS] } as const;
const NUMBERS = {
  epoch: 1,
  index: 3,
  tries: 5,
  opened: 6,
  samples: 11,
  bytes_in: 13,
  bytes_out: 17,
  uptime_us: 18,
  bytes_wiped: 19,
  duration_us: 21,
} as const;
const BYTES = { image: 2, nonce: 4, policy: 7, subject: 12, calibration: 20 } as const;
const TERMS = ["frame", "gradient", "spectrum", "temporal"] as const;
const CAPACITY = 640;

const image = startImage(await buildImage());
const call = (name: string, ...args: (number | bigint)[]) =>
  (image.call[name] as (...a: (number | bigint)[]) => number)(...args);

const number = fc.oneof(fc.nat(30), fc.nat(), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));
const byteString = (least: number, most = least) => fc.uint8Array({ minLength: least, maxLength: most });
const measure = fc.oneof(fc.nat(100), fc.constant(255));
const none = (count: number): number[] => Array(count).fill(255);
const fields = fc
  .record(
    {
      numbers: fc.record(Object.fromEntries(Object.keys(NUMBERS).map((key) => [key, number])), {
        requiredKeys: ["epoch", "index", "bytes_wiped"],
      }),
      words: fc.record(
        Object.fromEntries(Object.entries(WORDS).map(([key, [, words]]) => [key, fc.constantFrom(...words)])),
        { requiredKeys: ["reason", "purpose", "decision"] },
      ),
      bytes: fc.record(
        {
          image: byteString(32),
          policy: byteString(32),
          nonce: byteString(8, 32),
          subject: byteString(16),
          calibration: byteString(32),
        },
        { requiredKeys: ["image", "policy"] },
      ),
      modality: fc.constantFrom(...MODALITIES),
      quality: fc.oneof(
        fc.array(measure, { minLength: 9, maxLength: 9 }).map((iris) => [...iris, ...none(7)]),
        fc
          .array(measure, { minLength: 5, maxLength: 5 })
          .map(([overall = 255, ...palm]) => [overall, ...none(8), ...palm, ...none(3)]),
        fc
          .array(measure, { minLength: 3, maxLength: 3 })
          .map(([overall = 255, ...face]) => [overall, ...none(12), ...face, 255]),
      ),
      liveness: fc.record({
        judged: fc.boolean(),
        score: fc.integer({ min: -16_000, max: 16_000 }),
        floor: fc.integer({ min: -16_000, max: 16_000 }),
        terms: fc.record(Object.fromEntries(TERMS.map((term) => [term, fc.integer({ min: -9999, max: 9999 })])), {
          requiredKeys: [],
        }),
      }),
    },
    { requiredKeys: ["numbers", "words", "bytes"] },
  )
  // Only a face's sensor has a calibration: a record has no room for it beside the measures of an iris.
  .filter(
    ({ bytes, quality }) => !bytes.calibration || !quality || quality.slice(1, 9).every((value) => value === 255),
  );
type Fields = typeof fields extends fc.Arbitrary<infer F> ? F : never;

/** Has the image encode a record of these fields; returns it and what the host should read. */
function encodeRecord(set: Fields): { entry: Uint8Array; expected: object } {
  call("recordReset");
  for (const [key, value] of Object.entries(set.numbers))
    call("recordNumber", NUMBERS[key as keyof typeof NUMBERS], BigInt(value as number));
  for (const [key, word] of Object.entries(set.words)) {
    const [field, words] = WORDS[key as keyof typeof WORDS];
    call("recordNumber", field, BigInt((words as readonly string[]).indexOf(word as string)));
  }
  for (const [key, value] of Object.entries(set.bytes))
    call("recordBytes", BYTES[key as keyof typeof BYTES], image.put(value), value.length);
  if (set.modality !== undefined) call("recordNumber", 16, BigInt(MODALITIES.indexOf(set.modality)));
  if (set.quality) call("recordQuality", image.put(Uint8Array.from(set.quality)));
  if (set.liveness) {
    const { judged, score, floor, terms } = set.liveness;
    for (const [term, value] of Object.entries(terms))
      call("recordTerm", TERMS.indexOf(term as (typeof TERMS)[number]), value as number);
    if (judged) call("recordLiveness", score, floor);
    else call("recordNotJudged");
  }
  const out = image.put(new Uint8Array(CAPACITY), 8192);
  const length = call("recordEncode", out, CAPACITY);
  expect(length).toBeGreaterThan(0);
  const quality =
    set.quality &&
    Object.fromEntries(
      QUALITY_MEASURES.map((name, i) => [name, set.quality?.[i] as number]).filter(([, v]) => v !== 255),
    );
  const liveness = set.liveness && {
    score: set.liveness.judged ? set.liveness.score : null,
    floor: set.liveness.judged ? set.liveness.floor : null,
    terms: set.liveness.terms,
  };
  const { modality } = set;
  const optional = { ...(modality && { modality }), ...(quality && { quality }), ...(liveness && { liveness }) };
  return { entry: image.get(out, length), expected: { v: 1, ...set.numbers, ...set.words, ...set.bytes, ...optional } };
}

/** A table of words in the image's source. */
function imageWords(table: string): string[] {
  const source = readFileSync(join(import.meta.dirname, "../../assembly/pec/words.ts"), "utf8");
  const list = source.match(new RegExp(`${table}: StaticArray<string> = \\[([^\\]]*)\\]`))?.[1] ?? "";
  return [...list.matchAll(/"(\w+)"/g)].map(([, word]) => word as string);
}

describe("the vocabulary", () => {
  it("is the same in the image and on the host", () => {
    const tables = {
      BANDS,
      REASONS,
      PURPOSES,
      DECISIONS,
      MODALITIES,
      LIVENESS_TERMS: TERMS,
      QUALITY_MEASURES,
    };
    for (const [table, words] of Object.entries(tables)) expect(imageWords(table), table).toEqual([...words]);
  });
});

describe("a record", () => {
  it("is read by the host as the session set it, whatever fields it has", () => {
    fc.assert(
      fc.property(fields, (set) => {
        const { entry, expected } = encodeRecord(set);
        expect(decodeRecord(entry)).toEqual(expected);
      }),
    );
  });

  it.each([
    ["iris", [...Array(9).fill(100), ...none(7)], {}], // longer than the five of palm
    ["face", [100, ...none(12), 100, 100, 255], { calibration: new Uint8Array(32) }],
  ] as const)("fits its buffer with every field at its longest: %s", (modality, quality, calibration) => {
    const word = (words: readonly string[]) => [...words].sort((a, b) => b.length - a.length)[0] as never;
    const { entry } = encodeRecord({
      numbers: Object.fromEntries(Object.keys(NUMBERS).map((key) => [key, Number.MAX_SAFE_INTEGER])) as never,
      words: Object.fromEntries(Object.entries(WORDS).map(([key, [, words]]) => [key, word(words)])) as never,
      bytes: {
        image: new Uint8Array(32),
        policy: new Uint8Array(32),
        nonce: new Uint8Array(32),
        subject: new Uint8Array(16),
        ...calibration,
      } as never,
      modality,
      quality: [...quality],
      liveness: {
        judged: true,
        score: -16_000,
        floor: -16_000,
        terms: Object.fromEntries(TERMS.map((t) => [t, -9999])) as never,
      },
    });
    expect(entry.length).toBeLessThanOrEqual(CAPACITY);
  });

  it("is not made without its mandatory fields, with a word that does not exist, or in too little room", () => {
    const numbers = { epoch: 1, index: 0, bytes_wiped: 5 };
    const set = {
      numbers,
      words: { reason: "none", purpose: "verify", decision: "accept" },
      bytes: { image: new Uint8Array(32), policy: new Uint8Array(32) },
    };
    const { entry } = encodeRecord(set as never);
    const out = image.put(new Uint8Array(CAPACITY), 8192);
    expect(call("recordEncode", out, entry.length)).toBe(entry.length);
    for (let room = 0; room < entry.length; room++) expect(call("recordEncode", out, room)).toBe(-1);
    call("recordNumber", WORDS.decision[0], BigInt(DECISIONS.length));
    expect(call("recordEncode", out, CAPACITY)).toBe(0);
    call("recordReset");
    expect(call("recordEncode", out, CAPACITY)).toBe(0);
  });

  it("is refused by the host when a byte is changed into something else than a record", () => {
    const set = {
      numbers: { epoch: 1, index: 0, bytes_wiped: 5 },
      words: { reason: "none", purpose: "verify", decision: "accept" },
      bytes: { image: new Uint8Array(32), policy: new Uint8Array(32) },
    };
    const { entry } = encodeRecord(set as never);
    expect(JSON.stringify(readableRecord(decodeRecord(entry)))).toContain(`"image":"${"00".repeat(32)}"`);
    expect(decodeRecord(entry, 0).index).toBe(0);
    expect(() => decodeRecord(entry, 1)).toThrow(/it says 0, and stands at 1/);
    for (const bad of [
      entry.subarray(1),
      entry.subarray(0, -1),
      Uint8Array.from([...entry, 0]),
      Uint8Array.of(0xa0),
      new Uint8Array(0),
    ])
      expect(() => decodeRecord(bad)).toThrow(expect.objectContaining({ code: "KAN-LOG-RECORD" }));
  });
});

const python = spawnSync("python3", ["-V"], { stdio: "ignore" }).status === 0;
describe.skipIf(!python)("a log of records, checked by pec.py (skipped where python3 is missing)", () => {
  const script = join(import.meta.dirname, "pec.py");
  const run = (...args: string[]) => {
    const { stdout, stderr } = spawnSync("python3", [script, ...args], { encoding: "utf8" });
    if (!stdout) throw new Error(stderr);
    return JSON.parse(stdout) as { verified: boolean; why?: string; [field: string]: unknown };
  };

  it("has the leaves and root that Python computes, and proofs that Python accepts unless they are changed", () => {
    const folder = mkdtempSync(join(tmpdir(), "kanmon-log-"));
    const origin = image.put(new Uint8Array(38), 8192);
    expect(call("checkpointOrigin", origin)).toBe(0);
    const verifier = verifierOf(Buffer.from(image.get(origin, 38)).toString(), rawKey(DEVICE_KEY));
    const store = LogStore.of(folder, verifier);
    call("treeReset");
    const leaves: string[] = [];
    for (const size of [1, 2, 7, 300]) {
      const entries = fc.sample(fields, { numRuns: size - store.size, seed: size }).map((set, i) => {
        const { entry } = encodeRecord({ ...set, numbers: { ...set.numbers, index: store.size + i } });
        call("treeAppendEntry", image.put(entry), entry.length);
        leaves.push(Buffer.from(leafHash(entry)).toString("hex"));
        return entry;
      });
      const length = call("checkpointSign");
      store.append(new TextDecoder().decode(image.get(call("checkpointText"), length)), entries);
      const root = Buffer.from(store.checkpoint?.root as Uint8Array).toString("hex");
      expect(run("log", folder)).toMatchObject({ verified: true, origin: verifier.name, size, root, leaves });
    }
    const proof = proveEntry(store, 256);
    const file = join(folder, "256.tlog-proof");
    const judge = (text: string) => {
      writeFileSync(file, text);
      return run("proof", file, formatVerifier(verifier));
    };
    expect(judge(proof)).toMatchObject({ verified: true, index: 256, size: 300, leaf: leaves[256] });
    expect(judge(proof.replace("index 256", "index 257"))).toMatchObject({ verified: false });
    expect(judge(proof.replace(/(?<=extra .{20})./, (c) => (c === "A" ? "B" : "A")))).toMatchObject({
      verified: false,
    });
    expect(judge(proof.replace("\n300\n", "\n301\n"))).toMatchObject({
      verified: false,
      why: "the signature is wrong",
    });
    expect(judge(proof.split("\n").toSpliced(4, 1).join("\n"))).toMatchObject({ verified: false });
    const other = verifierOf(verifier.name, new Uint8Array(32).fill(9));
    expect(run("proof", file, formatVerifier(other))).toMatchObject({ verified: false });
    rmSync(folder, { recursive: true });
  });
});
