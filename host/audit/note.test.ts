// Signed notes against the example of Go's sumdb/note, which the specification comes from, and against malformed ones.
import { describe, expect, it } from "vitest";
import {
  formatVerifier,
  fromBase64,
  parseCheckpoint,
  parseNote,
  parseVerifier,
  verifyCheckpoint,
  verifyNote,
} from "./note.ts";

const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const SIGNATURE =
  "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const NOTE = `${TEXT}\n${SIGNATURE}`;
const KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const verifier = parseVerifier(KEY);

describe("a signed note", () => {
  it("of Go's sumdb/note verifies under its key", () => {
    expect(verifyNote(NOTE, verifier)).toBe(TEXT);
    expect(formatVerifier(verifier)).toBe(KEY);
    expect(
      formatVerifier(parseVerifier("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")),
    ).toContain("+033de0ae+");
  });

  it("may bear signatures of others, which are ignored, also under the key's name with another id", () => {
    const other = `\u2014 witness.example ${Buffer.alloc(68, 1).toString("base64")}\n`;
    const twin = `\u2014 PeterNeumann ${Buffer.alloc(68, 1).toString("base64")}\n`;
    expect(verifyNote(`${TEXT}\n${other}${SIGNATURE}${twin}`, verifier)).toBe(TEXT);
    expect(parseNote(`${TEXT}\n${other}${SIGNATURE}`).signatures.length).toBe(2);
    expect(() => verifyNote(`${TEXT}\n${other}${twin}`, verifier)).toThrow(/not signed by PeterNeumann/);
  });

  it("is refused when its text, or one signature of the key, is wrong", () => {
    expect(() => verifyNote(NOTE.replace("answer", "Answer"), verifier)).toThrow(
      expect.objectContaining({ code: "KAN-LOG-SIGNATURE" }),
    );
    const wrong = SIGNATURE.replace("BS9UG", "BS9UH");
    expect(() => verifyNote(`${TEXT}\n${SIGNATURE}${wrong}`, verifier)).toThrow(/is wrong/);
  });

  it.each([
    ["empty", ""],
    ["without signatures", `${TEXT}\n`],
    ["without the blank line", TEXT + SIGNATURE],
    ["without its last newline", NOTE.slice(0, -1)],
    ["with a hyphen for the dash", NOTE.replace("\u2014", "-")],
    ["with a tab", NOTE.replace("problem,", "problem,\t")],
    ["with a carriage return", NOTE.replace("problem,", "problem,\r")],
    ["with bytes that are not UTF-8", new TextDecoder().decode(Buffer.concat([Buffer.of(0xff), Buffer.from(NOTE)]))],
    ["with a plus in the name", NOTE.replace("— PeterNeumann", "— Peter+Neumann")],
    ["with a signature cut to its id", NOTE.replace(/x08go.*/, "x08gow==")],
    ["with base64 that is not canonical", NOTE.replace("JnAM=", "JnAN=")],
    ["too long", `${"a".repeat(70_000)}\n\n${SIGNATURE}`],
  ])("%s is refused", (_what, note) => {
    expect(() => parseNote(note)).toThrow(expect.objectContaining({ code: "KAN-LOG-NOTE" }));
  });
});

describe("a verifier key", () => {
  it.each([
    "",
    "a+b",
    KEY.slice(0, -4),
    KEY.replace("c74f20a3", "c74f20a4"),
    KEY.replace("+AR", "+BR"),
    KEY.replace("Peter", "Peter "),
  ])("%j is refused", (key) => {
    expect(() => parseVerifier(key)).toThrow(expect.objectContaining({ code: "KAN-LOG-KEY" }));
  });
});

describe("a checkpoint", () => {
  const root = Buffer.alloc(32, 5).toString("base64");
  it("has origin, size, root and perhaps extensions", () => {
    expect(parseCheckpoint(`log.example\n7\n${root}\n`)).toMatchObject({ origin: "log.example", size: 7 });
    expect(parseCheckpoint(`log.example\n0\n${root}\nmore\n`).size).toBe(0);
  });

  it.each([
    ["no origin", `\n7\n${root}\n`],
    ["a size with leading zeroes", `log.example\n07\n${root}\n`],
    ["a negative size", `log.example\n-7\n${root}\n`],
    ["a size beyond exact numbers", `log.example\n9999999999999999\n${root}\n`],
    ["a short root", `log.example\n7\n${root.slice(4)}\n`],
    ["an empty extension", `log.example\n7\n${root}\n\nmore\n`],
    ["no last newline", `log.example\n7\n${root}`],
    ["two lines", "log.example\n7\n"],
  ])("with %s is refused", (_what, text) => {
    expect(() => parseCheckpoint(text)).toThrow(expect.objectContaining({ code: "KAN-LOG-NOTE" }));
  });

  it("is refused where it is another text that the key signed", () => {
    expect(() => verifyCheckpoint(NOTE, verifier)).toThrow(expect.objectContaining({ code: "KAN-LOG-NOTE" }));
  });
});

describe("base64", () => {
  it("is taken in its canonical form only", () => {
    expect(fromBase64("AAA=")).toEqual(new Uint8Array(2));
    for (const text of ["AAB=", "AAA", "AA A=", "AAA=\n", "-_-_"]) expect(fromBase64(text)).toBeUndefined();
  });
});
