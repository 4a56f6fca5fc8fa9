// The session as a host meets it: the ordinary course, and everything that a wrong, hasty or absent host does. After each error the
// next good request works.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeRecord } from "../host/audit/record.ts";
import { DEVELOPMENT_KEY, DEVELOPMENT_POLICY } from "../host/policy/development.ts";
import { signPolicy } from "../host/policy/sign.ts";
import { MemoryFlash } from "../host/simulator/flash.ts";
import { temporaryKeys } from "../host/simulator/keys.ts";
import { frameMessage, LinkDecoder, smpBody } from "../link/link.ts";
import { ask, eye, HEIGHT, openFields, session, startReader, type TestReader, WIDTH } from "./reader.ts";

const KANMON = 64;
const [POLICY, OPEN, FRAME, FINISH, TEMPLATES, EXPORT] = [1, 2, 3, 4, 6, 7];
const refused = (rc: number) => expect.objectContaining({ err: expect.objectContaining({ group: KANMON, rc }) });

let now = 1_800_000_000;
let micros = 0n;
let reader: TestReader;
const clocks = { micros: () => (micros += 50n), clock: () => now };

beforeEach(async () => {
  reader = await startReader(new MemoryFlash(), temporaryKeys(), clocks);
});
afterEach(() => reader.close());

async function lastRecord() {
  const { log } = await reader.device.info();
  const { entries } = await reader.device.readLog(log.size - 1);
  return decodeRecord(entries[0] as Uint8Array);
}

describe("the ordinary course", () => {
  it("enrols, accepts, refuses another, identifies, deletes; each with its record", async () => {
    const { device } = reader;
    expect(
      await session(
        device,
        "enroll",
        "ann",
        [1, 2, 3].map((i) => eye(1, i)),
      ),
    ).toMatchObject({ decision: "enrolled", user: "ann" });
    expect(await lastRecord()).toMatchObject({
      purpose: "enroll",
      decision: "enrolled",
      samples: 3,
      bytes_in: 3 * WIDTH * HEIGHT,
    });
    expect(await session(device, "verify", "ann", [eye(1, 9)])).toMatchObject({ decision: "accept", band: "above" });
    expect(await session(device, "verify", "ann", [eye(2, 9)])).toMatchObject({
      decision: "reject",
      band: "below",
      reason: "no_match",
    });
    micros += 10_000_000n;
    expect(await session(device, "identify", undefined, [eye(1, 8)])).toMatchObject({
      decision: "accept",
      user: "ann",
    });
    const stranger = await session(device, "identify", undefined, [eye(3, 8)]);
    expect(stranger).toMatchObject({ decision: "reject" });
    expect(stranger.user).toBeUndefined();
    await device.deleteTemplate("ann");
    expect(await device.templates()).toEqual([]);
    expect((await device.info()).log.size).toBe(6);
  });

  it("tells no score, to the host or in the record", async () => {
    await session(reader.device, "enroll", "ann", [eye(1)]);
    const result = await session(reader.device, "verify", "ann", [eye(2)]);
    expect(Object.keys(result).sort()).toEqual(["band", "decision", "reason", "record"]);
    expect(JSON.stringify(await lastRecord())).not.toMatch(/score":\d/);
  });

  it("keeps enrolments, records and tries over a restart", async () => {
    await session(reader.device, "enroll", "ann", [eye(1)]);
    await session(reader.device, "verify", "ann", [eye(2)]);
    reader.board.reboot();
    expect(await reader.device.templates()).toMatchObject([{ user: "ann", failed: 1, samples: 1 }]);
    micros += 60_000_000n;
    expect(await session(reader.device, "verify", "ann", [eye(1, 4)])).toMatchObject({ decision: "accept" });
    expect(await reader.device.templates()).toMatchObject([{ failed: 0 }]);
  });

  it("refuses a journal that is older than the board's counter", async () => {
    const { device, keys } = reader;
    const flash = reader.flash as MemoryFlash;
    await session(device, "enroll", "ann", [eye(1)]);
    const old = flash.bytes.slice();
    await session(device, "verify", "ann", [eye(2)]);
    reader.close();
    flash.bytes.set(old);
    reader = await startReader(flash, keys, clocks);
    expect(await reader.device.info()).toMatchObject({ state: "rolled_back" });
    const refused = { code: "KAN-DEVICE-NOT-READY" };
    await expect(session(reader.device, "verify", "ann", [eye(1, 2)])).rejects.toMatchObject(refused);
    await expect(reader.device.checkpoint()).rejects.toMatchObject(refused);
  });

  it("calls a person otherwise in the records after a rotation", async () => {
    const called = async () => {
      await session(reader.device, "verify", "ann", [eye(1, 2)]);
      return (await lastRecord()).subject;
    };
    await session(reader.device, "enroll", "ann", [eye(1)]);
    const before = await called();
    expect(await called()).toEqual(before);
    await reader.device.rotate();
    expect(await called()).not.toEqual(before);
  });

  it("seals references anew on rotation, and still opens them", async () => {
    await session(reader.device, "enroll", "ann", [eye(1)]);
    const before = await reader.device.export("ann", "iris");
    expect(await reader.device.rotate()).toMatchObject({ epoch: 2 });
    const after = await reader.device.export("ann", "iris");
    expect(Buffer.compare(before, after)).not.toBe(0);
    expect(await session(reader.device, "verify", "ann", [eye(1, 4)])).toMatchObject({ decision: "accept" });
  });

  it("rotates by itself when the policy says so, and deletes what was kept too long", async () => {
    await session(reader.device, "enroll", "ann", [eye(1)]);
    now += 100 * 86_400;
    expect(await session(reader.device, "verify", "ann", [eye(1, 2)])).toMatchObject({ decision: "accept" });
    expect((await reader.device.info()).epoch).toBe(2);
    now += 300 * 86_400;
    await expect(session(reader.device, "verify", "ann", [eye(1, 3)])).rejects.toMatchObject({
      code: "KAN-DEVICE-UNKNOWN-USER",
    });
    expect(await reader.device.templates()).toEqual([]);
  });
});

describe("tries", () => {
  it("makes each further try wait longer, then locks the reference", async () => {
    const { device } = reader;
    await session(device, "enroll", "ann", [eye(1)]);
    const waits: number[] = [];
    for (let i = 0; i < DEVELOPMENT_POLICY.tries; i++) {
      micros += BigInt(DEVELOPMENT_POLICY.delay_max_ms) * 1000n;
      expect(await session(device, "verify", "ann", [eye(2, i)])).toMatchObject({ decision: "reject" });
      if (i === DEVELOPMENT_POLICY.tries - 1) break;
      const error = await session(device, "verify", "ann", [eye(1)]).catch((error: unknown) => error);
      expect(error).toMatchObject({ code: "KAN-DEVICE-WAIT", exit: 5 });
      waits.push((error as { detail: { wait_ms: number } }).detail.wait_ms);
    }
    for (const [i, wait] of waits.entries()) if (i > 0) expect(wait).toBeGreaterThan(1.5 * (waits[i - 1] as number));
    micros += 100_000_000_000n;
    await expect(session(device, "verify", "ann", [eye(1)])).rejects.toMatchObject({ code: "KAN-DEVICE-LOCKED" });
    reader.board.reboot();
    await expect(session(device, "verify", "ann", [eye(1)])).rejects.toMatchObject({ code: "KAN-DEVICE-LOCKED" });
    expect(await session(device, "identify", undefined, [eye(1)])).toMatchObject({
      decision: "refused",
      reason: "no_reference",
    });
  });
});

describe("frames that are none", () => {
  const flat = (grey: number) => new Uint8Array(WIDTH * HEIGHT).fill(grey);
  const noise = () =>
    Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 13) & 255);
  it.each([
    ["black", flat(0)],
    ["white", flat(255)],
    ["grey", flat(128)],
    ["noise", noise()],
  ])("%s: refused by name, nothing enrolled", async (_, frame) => {
    const result = await session(reader.device, "enroll", "ann", [frame]);
    expect(["failed", "refused"]).toContain(result.decision);
    expect(result.reason).not.toBe("none");
    expect(await reader.device.templates()).toEqual([]);
    expect(await session(reader.device, "enroll", "ann", [eye(1)])).toMatchObject({ decision: "enrolled" });
  });

  it("refuses an enrolment of two persons", async () => {
    expect(await session(reader.device, "enroll", "ann", [eye(1), eye(2)])).toMatchObject({
      decision: "refused",
      reason: "inconsistent",
    });
  });
});

describe("a host that does it wrong", () => {
  const open = async (more: Record<string, unknown> = {}) =>
    (await ask(reader.board, KANMON, OPEN as number, openFields(more))) as { session: number };
  /** Sends a message as it is, and resolves to the answer's body. */
  const tell = (message: Buffer) =>
    new Promise<unknown>((resolve) => {
      const { link } = reader.board;
      const decoder = new LinkDecoder((answer) => {
        if (answer[6] !== message[6]) return;
        link.off("data", take);
        resolve(smpBody(answer));
      });
      const take = (chunk: Buffer) => decoder.push(chunk);
      link.on("data", take);
      link.write(frameMessage(message, "cobs"));
    });
  const send = (fields: Record<string, unknown>) => ask(reader.board, KANMON, FRAME as number, fields);

  afterEach(async () => {
    await reader.device.abort();
    expect(await session(reader.device, "enroll", "next good request", [eye(1)])).toMatchObject({
      decision: "enrolled",
    });
  });

  it("a frame without a session, of another session, after the end", async () => {
    const data = new Uint8Array(10);
    expect(await send({ session: 1, frame: 0, offset: 0, data })).toEqual(refused(3));
    const { session: number } = await open();
    expect(await send({ session: number + 1, frame: 0, offset: 0, data })).toEqual(refused(3));
    await reader.device.abort(number);
    expect(await send({ session: number, frame: 0, offset: 0, data })).toEqual(refused(3));
  });

  it("frames out of order, gaps, repeats", async () => {
    const { session: number } = await open({ frames: 2 });
    const data = new Uint8Array(100);
    expect(await send({ session: number, frame: 1, offset: 0, data })).toEqual(refused(5));
    expect(await send({ session: number, frame: 0, offset: 100, data })).toEqual({ frame: 0, offset: 0 });
    expect(await send({ session: number, frame: 0, offset: 0, data })).toEqual({ frame: 0, offset: 100 });
    expect(await send({ session: number, frame: 0, offset: 0, data: data.subarray(1) })).toEqual({
      frame: 0,
      offset: 100,
    });
  });

  it("more data than announced, finishing too early", async () => {
    const { session: number } = await open({ width: 160, height: 120 });
    let offset = 0;
    for (; offset < 160 * 120 - 100; offset += 3000)
      await send({ session: number, frame: 0, offset, data: new Uint8Array(Math.min(3000, 160 * 120 - 100 - offset)) });
    offset = 160 * 120 - 100;
    expect(await send({ session: number, frame: 0, offset, data: new Uint8Array(101) })).toEqual(refused(6));
    expect(await ask(reader.board, KANMON, FINISH as number, { session: number })).toEqual(refused(7));
  });

  it("two sessions at once; the same open again is the same session", async () => {
    const fields = openFields();
    const first = await ask(reader.board, KANMON, OPEN as number, fields);
    expect(await ask(reader.board, KANMON, OPEN as number, { ...fields, time: 5 })).toEqual(first);
    expect(await ask(reader.board, KANMON, OPEN as number, openFields())).toEqual(refused(2));
  });

  it("a host that went away: the next one gets in, and the log says what became of the first", async () => {
    const { session: number } = await open();
    await send({ session: number, frame: 0, offset: 0, data: new Uint8Array(3000).fill(77) });
    micros += 6_000_000n;
    expect(await ask(reader.board, KANMON, OPEN as number, openFields())).toMatchObject({ session: number + 1 });
    expect(await lastRecord()).toMatchObject({ decision: "aborted", reason: "timeout", bytes_in: 3000 });
  });

  it("a host that does not come back: the session ends by itself, and nothing of it stays", async () => {
    const { session: number } = await open({ frames: 2 });
    await reader.device.sendFrame(number, 0, eye(1));
    micros += 6_000_000n;
    expect(await reader.device.info()).toMatchObject({ session: 0 });
    expect(await lastRecord()).toMatchObject({ decision: "aborted", reason: "timeout" });
    await expect(reader.device.sendFrame(number, 1, eye(1))).rejects.toMatchObject({ code: "KAN-DEVICE-NO-SESSION" });
  });

  it("the next one's own user and nonce count, though ending the old session wipes the line's buffers", async () => {
    await open();
    micros += 6_000_000n;
    const fields = openFields({ purpose: "enroll", user: "bob", nonce: new Uint8Array(16).fill(7) });
    const { session: number } = (await ask(reader.board, KANMON, OPEN as number, fields)) as { session: number };
    // Asked again in other words (a host that lost the answer): the same session.
    expect(await ask(reader.board, KANMON, OPEN as number, { ...fields, time: 5 })).toMatchObject({ session: number });
    await reader.device.sendFrame(number, 0, eye(4));
    expect(await reader.device.finish(number)).toMatchObject({ decision: "enrolled", user: "bob" });
    expect(await reader.device.templates()).toMatchObject([{ user: "bob" }]);
  });

  it("user identifiers that are no text", async () => {
    for (const bytes of [
      [0xff],
      [0xc3],
      [0xc0, 0x80],
      [0xe0, 0x80, 0x80],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xc2, 0x9b],
    ]) {
      const delete_ = [0xa1, 0x64, ...Buffer.from("user"), 0x60 | bytes.length, ...bytes];
      const header = [0x0a, 0, 0, delete_.length, 0, KANMON, 9, TEMPLATES as number];
      expect(await tell(Buffer.from([...header, ...delete_])), String(bytes)).toEqual(refused(1));
    }
    await expect(reader.device.deleteTemplate("アン é 𝄞")).rejects.toMatchObject({ code: "KAN-DEVICE-UNKNOWN-USER" });
  });

  it("an export that begins in the middle, or goes on after another record", async () => {
    await session(reader.device, "enroll", "ann", [eye(1)]);
    const part = (offset: number) =>
      ask(reader.board, KANMON, EXPORT as number, { user: "ann", modality: "iris", offset });
    expect(await part(1)).toEqual(refused(5));
    expect(await part(0)).toMatchObject({ size: expect.any(Number) });
    expect(await part(1)).toMatchObject({ size: expect.any(Number) });
    await session(reader.device, "verify", "ann", [eye(1, 2)]);
    expect(await part(1)).toEqual(refused(5));
    // During a session none is given: its record would take the room that the session was promised.
    await open();
    expect(await part(0)).toEqual(refused(2));
  });

  it("fields that are missing, of the wrong type or out of range", async () => {
    for (const wrong of [
      { modality: undefined },
      { modality: "iri" },
      { modality: 1 },
      { purpose: "delete" },
      { width: 0 },
      { width: -1 },
      { width: 2 ** 40 },
      { height: "240" },
      { frames: 0 },
      { frames: 33 },
      { nonce: new Uint8Array(15) },
      { nonce: undefined },
      { user: "a" },
      { purpose: "verify" },
      { purpose: "enroll", user: "" },
      { purpose: "enroll", user: "x".repeat(65) },
      { purpose: "enroll", user: "a\nb" },
    ])
      expect(await ask(reader.board, KANMON, OPEN as number, openFields(wrong)), JSON.stringify(wrong)).toEqual(
        refused(1),
      );
    for (const size of [
      { width: 10_000, height: 10_000 },
      { width: 1, height: 1 },
      { width: 159, height: 120 },
      { width: 641, height: 480 },
    ])
      expect(await ask(reader.board, KANMON, OPEN as number, openFields(size)), JSON.stringify(size)).toEqual(
        refused(4),
      );
  });

  it("a modality that the policy has not, and faces of a sensor without a calibration", async () => {
    const face = () => ask(reader.board, KANMON, OPEN as number, openFields({ modality: "face" }));
    expect(await face()).toEqual(refused(19));
    const { iris } = DEVELOPMENT_POLICY.modalities;
    await reader.device.setPolicy(
      signPolicy({ ...DEVELOPMENT_POLICY, modalities: { iris } }, DEVELOPMENT_KEY).document,
    );
    expect(await face()).toEqual(refused(13));
  });

  it("groups and commands that do not exist", async () => {
    for (const [group, id] of [
      [2, 0],
      [9, 1],
      [63, 0],
      [65, 0],
      [65_535, 255],
      [KANMON, 200],
      [1, 3],
      [0, 99],
    ] as const)
      expect(await ask(reader.board, group, id, {}), `${group}/${id}`).toEqual({ rc: 8 });
  });

  it("policies that no reader may take", async () => {
    const take = (document: Uint8Array) => ask(reader.board, KANMON, POLICY as number, { document });
    const { document } = signPolicy(DEVELOPMENT_POLICY, DEVELOPMENT_KEY);
    const forged = document.slice();
    forged[forged.length - 1] = (forged.at(-1) as number) ^ 1;
    expect(await take(forged)).toEqual({ err: { group: KANMON, rc: 14, reason: 3 } });
    expect(await take(new Uint8Array(300))).toMatchObject({ err: { rc: 14 } });
    const old = signPolicy({ ...DEVELOPMENT_POLICY, issued: 1 }, DEVELOPMENT_KEY).document;
    expect(await take(old)).toEqual({ err: { group: KANMON, rc: 14, reason: 9 } });
  });
});

describe("a flash that fails", () => {
  const failing = (fails: () => boolean) =>
    new (class extends MemoryFlash {
      override write(address: number, data: Uint8Array): void {
        if (fails()) throw new Error("worn out");
        super.write(address, data);
      }
    })();

  it("no decision leaves without its record: not at once, not asked again, not another session's", async () => {
    reader.close();
    let broken = false;
    reader = await startReader(
      failing(() => broken),
      temporaryKeys(),
      clocks,
    );
    const { device, board } = reader;
    await session(device, "enroll", "ann", [eye(1)]);
    expect(await session(device, "verify", "ann", [eye(1, 2)])).toMatchObject({ decision: "accept" });
    const { log } = await device.info();
    for (const person of [1, 2]) {
      const { session: number } = await device.open({
        modality: "iris",
        purpose: "verify",
        user: "ann",
        width: WIDTH,
        height: HEIGHT,
        frames: 1,
      });
      await device.sendFrame(number, 0, eye(person, 5));
      broken = true;
      await expect(device.finish(number)).rejects.toMatchObject({ code: "KAN-DEVICE-STORAGE" });
      expect(await ask(board, KANMON, FINISH as number, { session: number })).toEqual(refused(3));
      broken = false;
    }
    expect((await device.info()).log).toEqual(log);
    expect(await session(device, "verify", "ann", [eye(2, 6)])).toMatchObject({ decision: "reject", record: log.size });
  });

  it("a release that cannot read the log leaves the log as it is", async () => {
    await session(reader.device, "enroll", "ann", [eye(1)]);
    await session(reader.device, "verify", "ann", [eye(1, 2)]);
    const note = await reader.device.checkpoint();
    // One bit of the first record flips; its text tells where it stands.
    const flash = reader.flash as MemoryFlash;
    const at = Buffer.from(flash.bytes).indexOf("enrolled");
    flash.bytes[at] = (flash.bytes[at] as number) ^ 1;
    await expect(reader.device.releaseLog(2)).rejects.toMatchObject({ code: "KAN-DEVICE-STORAGE" });
    expect(await reader.device.checkpoint()).toBe(note);
    expect(await session(reader.device, "verify", "ann", [eye(1, 3)])).toMatchObject({ decision: "accept", record: 2 });
  });

  it("an epoch that cannot be read is not replaced by another, which would lose every reference", async () => {
    await session(reader.device, "enroll", "ann", [eye(1)]);
    reader.close();
    const keys = reader.keys;
    const flash = reader.flash as MemoryFlash;
    // Kind 5 (epoch), copied by the scrub after enrolment, 48 bytes, id 0: its header, and then its data.
    const header = Buffer.from(flash.bytes).lastIndexOf(Buffer.from([5, 4, 48, 0, 0, 0, 0, 0]));
    const salt = header + 24 + 16;
    flash.bytes[salt] = (flash.bytes[salt] as number) ^ 1;
    reader = await startReader(flash, keys, clocks);
    expect(await reader.device.info()).toMatchObject({ state: "no_journal" });
    reader.close();
    flash.bytes[salt] = (flash.bytes[salt] as number) ^ 1;
    reader = await startReader(flash, keys, clocks);
    expect(await session(reader.device, "verify", "ann", [eye(1, 2)])).toMatchObject({ decision: "accept" });
  });

  it("a board that gives no keys for a while loses no reference in a rotation", async () => {
    reader.close();
    const keys = temporaryKeys();
    let broken = false;
    const derive = (context: Uint8Array) => {
      if (broken) throw new Error("no answer from the secure element");
      return keys.derive(context);
    };
    reader = await startReader(new MemoryFlash(), { ...keys, derive }, clocks);
    const { device } = reader;
    await session(device, "enroll", "ann", [eye(1)]);
    broken = true;
    await expect(device.rotate()).rejects.toMatchObject({ code: "KAN-DEVICE-BOARD" });
    broken = false;
    expect(await session(device, "verify", "ann", [eye(1, 2)])).toMatchObject({ decision: "accept" });
    await device.rotate();
    expect(await session(device, "verify", "ann", [eye(1, 3)])).toMatchObject({ decision: "accept" });
  });
});

describe("policy", () => {
  it("is set, kept over a restart, and named in every record", async () => {
    const liveness = { calibration: new Uint8Array(32), classes: { print: 1000 }, terms: {}, least_ms: 0 };
    const iris = { ...DEVELOPMENT_POLICY.modalities.iris, liveness } as typeof DEVELOPMENT_POLICY.modalities.iris;
    const strict = signPolicy(
      { ...DEVELOPMENT_POLICY, name: "with a floor", issued: now, modalities: { iris } },
      DEVELOPMENT_KEY,
    );
    await reader.device.setPolicy(strict.document);
    reader.board.reboot();
    expect((await reader.device.info()).policy).toEqual(Buffer.from(strict.digest));
    // Without the calibration that it names, no floor can be met: it fails closed.
    expect(await session(reader.device, "enroll", "ann", [eye(1)])).toMatchObject({
      decision: "refused",
      reason: "not_calibrated",
    });
    expect(Buffer.from((await lastRecord()).policy)).toEqual(Buffer.from(strict.digest));
  });
});

describe("a journal that is full", () => {
  it("opens no session, says so, and goes on once the log is released", async () => {
    reader.close();
    reader = await startReader(new MemoryFlash({ bytes: 5 * 32_768, sector: 4096, unit: 1 }), temporaryKeys(), clocks);
    const { device } = reader;
    // Sessions that are given up make records too.
    let full: unknown;
    for (let i = 0; i < 2000 && !full; i++) {
      await device
        .open({ modality: "iris", purpose: "identify", width: WIDTH, height: HEIGHT, frames: 1 })
        .then(({ session }) => device.abort(session))
        .catch((error: unknown) => {
          full = error;
        });
    }
    expect(full).toMatchObject({ code: "KAN-DEVICE-FULL" });
    const { log } = await device.info();
    for await (const { entry } of device.log(0)) decodeRecord(entry);
    await device.releaseLog(log.size);
    expect(await session(device, "enroll", "ann", [eye(1)])).toMatchObject({ decision: "enrolled", record: log.size });
    await expect(device.readLog(log.size - 1)).rejects.toMatchObject({ code: "KAN-DEVICE-NOT-FOUND" });
  });
});
