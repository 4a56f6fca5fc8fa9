// The bytes themselves, against what stands in the open drivers: DFRobot_Biometric.h's own commands, ESPHome's and fm22x's layouts. Written down
// from those, not made by our tables.
import { Duplex } from "node:stream";
import { describe, expect, test } from "vitest";
import { encodeFrame } from "./codec.ts";
import type { Family } from "./dialects.ts";
import { EfaaModule } from "./module.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

/** A module that answers each command with what is scripted for its number, and keeps what it was sent. */
function scripted(family: Family, replies: Record<number, string | string[]>): { module: EfaaModule; sent: string[] } {
  const sent: string[] = [];
  const left = Object.fromEntries(Object.entries(replies).map(([id, r]) => [id, Array.isArray(r) ? [...r] : [r]]));
  const stream: Duplex = new Duplex({
    read() {},
    write(bytes: Buffer, _encoding, done) {
      sent.push(bytes.toString("hex").replace(/(..)(?!$)/g, "$1 "));
      const script = left[bytes[2] as number] ?? ["00 00"];
      const body = hex((script.length > 1 ? script.shift() : script[0]) as string);
      stream.push(Buffer.from(encodeFrame(0, Buffer.concat([bytes.subarray(2, 3), body]))));
      done();
    },
  });
  return { module: new EfaaModule(stream, "script", family, { pace: 0.01 }), sent };
}

const STATUS = "ef aa 11 00 00 11";
const NAME = `${Buffer.from("alice").toString("hex").replace(/(..)/g, "$1 ")}${"00 ".repeat(27)}`;

describe("DFRobot's own command bytes (DFRobot_Biometric.h and .cpp)", () => {
  test("recognise with 10 s; a palm and a face come back by their kinds", async () => {
    const { module, sent } = scripted("dfrobot-biometric", {
      18: [`00 01 f5 ${NAME} 01 fa`, `00 00 02 ${NAME} 00 cc`],
    });
    expect(await module.verify()).toEqual({ matched: true, id: 501, name: "alice", admin: true, modality: "palm" });
    expect(await module.verify()).toEqual({ matched: true, id: 2, name: "alice", admin: false, modality: "face" });
    expect(sent).toEqual([STATUS, "ef aa 12 00 02 00 0a 1a", STATUS, "ef aa 12 00 02 00 0a 1a"]);
  });

  test("who is enrolled: face ids, and a count of palms", async () => {
    const { module, sent } = scripted("dfrobot-biometric", { 36: ["00 00 02 00 01 01 f4", "00 00 03"] });
    expect(await module.list()).toEqual([
      { modality: "face", count: 2, ids: [1, 500] },
      { modality: "palm", count: 3 },
    ]);
    expect(sent).toEqual([STATUS, "ef aa 24 00 01 00 25", STATUS, "ef aa 24 00 01 02 27"]);
  });

  test("delete all, a face and a palm", async () => {
    const { module, sent } = scripted("dfrobot-biometric", { 36: "00 00 00" });
    await module.deleteAll();
    await module.delete(500);
    await module.delete(501);
    expect(sent[1]).toBe("ef aa 21 00 05 00 00 00 00 00 24");
    expect(sent.filter((frame) => /^ef aa (20|80)/.test(frame))).toEqual([
      "ef aa 20 00 03 01 f4 00 d6",
      "ef aa 80 00 03 01 f5 01 76",
    ]);
  });

  test("enrol a palm: 46 bytes, kind 0xFD, single, no duplicates, 10 s", async () => {
    const { module, sent } = scripted("dfrobot-biometric", { 38: "00 01 f5 00" });
    expect(await module.enroll({ modality: "palm", name: "alice", admin: true })).toEqual({ enrolled: true, id: 501 });
    const body = `ef aa 26 00 28 01 ${NAME}fd 01 00 0a 00 00 00`;
    const parity = hex(body)
      .subarray(2)
      .reduce((sum, byte) => sum ^ byte, 0);
    expect(sent[1]).toBe(`${body} ${parity.toString(16)}`);
    expect(hex(sent[1] as string)).toHaveLength(46);
  });
});

describe("HLK-FM22x as ESPHome's hlk_fm22x and fm22x have it", () => {
  test("verify; 1 is a face it does not know", async () => {
    const { module, sent } = scripted("hlk-fm22x", { 18: [`00 00 03 ${NAME} 00 c8`, "01"] });
    expect(await module.verify({ timeout_s: 5 })).toMatchObject({ matched: true, id: 3, modality: "face" });
    expect(await module.verify()).toEqual({ matched: false, reason: "no_match" });
    expect(sent[1]).toBe("ef aa 12 00 02 00 05 15");
  });

  test("version and serial number: text up to the padding", async () => {
    const { module } = scripted("hlk-fm22x", {
      48: `00 ${Buffer.from("FM225 V1.2").toString("hex")} 00 00`,
      147: `00 ${Buffer.from("12345678").toString("hex")} ff fe 41`,
    });
    expect(await module.identify()).toEqual({
      vendor: "Hi-Link",
      family: "hlk-fm22x",
      firmware: "FM225 V1.2",
      serial: "12345678",
    });
  });

  test("a face from five poses: the id comes with the last, −1 before it", async () => {
    const { module, sent } = scripted("hlk-fm22x", {
      38: ["00 ff ff 01", "00 ff ff 05", "00 ff ff 07", "00 ff ff 17", "00 00 04 1f"],
    });
    const poses: string[] = [];
    const outcome = await module.enroll({
      modality: "face",
      name: "alice",
      poses: "all",
      onPose: (pose) => poses.push(pose),
    });
    expect(outcome).toEqual({ enrolled: true, id: 4 });
    expect(poses).toEqual(["front", "left", "right", "up", "down"]);
    const steps = sent.filter((frame) => frame.startsWith("ef aa 26")).map((frame) => [...hex(frame).subarray(38, 42)]);
    expect(steps).toEqual([1, 4, 2, 16, 8].map((direction) => [direction, 0, 0, 10]));
  });

  test("who is enrolled, delete one, delete all", async () => {
    const { module, sent } = scripted("hlk-fm22x", { 36: ["00 02 00 00 00 07 00 00", "00 00"] });
    expect(await module.list()).toEqual([{ modality: "face", count: 2, ids: [0, 7] }]);
    await module.delete(7);
    await module.deleteAll();
    expect(sent).toContain("ef aa 20 00 02 00 07 25");
    expect(sent).toContain("ef aa 21 00 00 21");
  });
});

describe("answers that cannot be", () => {
  test.each<[Family, string, string]>([
    ["dfrobot-biometric", "a match without a kind", `00 00 02 ${NAME} 00`],
    ["dfrobot-biometric", "a kind that nobody knows", `00 00 02 ${NAME} 00 07`],
    ["dfrobot-biometric", "a palm's id with a face's kind", `00 01 f5 ${NAME} 00 c8`],
    ["dfrobot-biometric", "an id beyond the last", `00 03 21 ${NAME} 00 fa`],
    ["hlk-fm22x", "a negative id", `00 ff ff ${NAME} 00 c8`],
    ["hlk-fm22x", "a match cut short", "00 00 03"],
  ])("%s: %s is no match", async (family, _what, reply) => {
    const { module } = scripted(family, { 18: reply });
    await expect(module.verify()).rejects.toMatchObject({ code: "KAN-MODULE-ANSWER" });
  });

  test("a list shorter than its count, an enrolment without an id", async () => {
    const { module } = scripted("hlk-fm22x", { 36: "00 05 00 01", 38: "00" });
    await expect(module.list()).rejects.toMatchObject({ code: "KAN-MODULE-ANSWER" });
    await expect(module.enroll({ modality: "face", name: "a" })).rejects.toMatchObject({ code: "KAN-MODULE-ANSWER" });
  });

  test("results that are no answer are told by name, with what to do", async () => {
    const { module } = scripted("hlk-fm22x", { 18: ["04", "63"] });
    await expect(module.verify()).rejects.toThrow("camera (4)");
    await expect(module.verify()).rejects.toThrow("result_99 (99)");
  });
});

describe("what no module should say", () => {
  test("an id that the family does not have, in the middle of the poses: they are forgotten", async () => {
    const { module, sent } = scripted("hlk-fm22x", { 38: ["00 ff ff 01", "00 90 00 05"] });
    const running = module.enroll({ modality: "face", name: "a", poses: "all" });
    await expect(running).rejects.toMatchObject({ code: "KAN-MODULE-ANSWER" });
    expect(sent.at(-1)).toBe("ef aa 23 00 00 23");
  });

  test("a status without a status", async () => {
    const { module } = scripted("hlk-fm22x", { 17: "00" });
    await expect(module.list()).rejects.toMatchObject({ code: "KAN-MODULE-ANSWER" });
  });

  test("names that would steer a terminal, of either set of control characters: those are left out", async () => {
    const name = Buffer.from("a\u001b[2J\u009b31mb").toString("hex").padEnd(64, "0");
    const { module } = scripted("dfrobot-biometric", { 18: `00 00 02 ${name} 00 c8` });
    expect(await module.verify()).toMatchObject({ name: "a[2J31mb" });
    const enrolment = module.enroll({ modality: "face", name: "a\u009b31mb" });
    await expect(enrolment).rejects.toMatchObject({ code: "KAN-MODULE-INPUT" });
  });
});
