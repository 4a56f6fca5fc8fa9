// The device client against the real image on its board, over good lines and bad ones.
import type { Duplex } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import { Device, type DeviceOptions, type Finished } from "../../host/device/device.ts";
import { RC } from "../../host/device/errors.ts";
import { chunkBytes } from "../../host/device/send-frame.ts";
import { loadImage } from "../../host/evaluate/image.ts";
import { type Board, createBoard } from "../../host/simulator/board.ts";
import { MemoryFlash } from "../../host/simulator/flash.ts";
import { temporaryKeys } from "../../host/simulator/keys.ts";
import { eye, session as eyeSession } from "../reader.ts";
import { BadLine, type Damage, flips, losses, same } from "./bad-line.ts";
import { Random } from "./streams.ts";

const WIDTH = 320;
const HEIGHT = 280;
const SESSION = { modality: "iris", purpose: "identify", width: WIDTH, height: HEIGHT, frames: 2 } as const;

const boards: Board[] = [];
afterEach(() => {
  for (const board of boards.splice(0)) board.close();
});

function board(): Board {
  const made = createBoard({ image: loadImage().bytes, flash: new MemoryFlash(), keys: temporaryKeys() });
  boards.push(made);
  return made;
}

async function connected(outward: Damage = same, inward: Damage = same, options: DeviceOptions = {}) {
  const line = new BadLine(board().link, outward, inward);
  return { line, device: await Device.connect(line, options) };
}

/** Pixels that no extractor takes for an eye, many of them zero. */
function pixels(seed: number): Buffer {
  const random = new Random(seed);
  return Buffer.from(Array.from({ length: WIDTH * HEIGHT }, () => (random.chance(5) ? 0 : random.below(256))));
}

/** One session to its end. What the image makes of the frame does not matter here, but it must be the same on every line. */
async function session(device: Device): Promise<Finished & { frame: string }> {
  const { session: number, frame_bytes } = await device.open(SESSION);
  expect(frame_bytes).toBe(WIDTH * HEIGHT);
  const frame = await device.sendFrame(number, 0, pixels(1));
  return { ...(await device.finish(number)), frame };
}

describe("commands", () => {
  test.each(["cobs", "console"] as const)("every command, in %s", async (framing) => {
    const { device } = await connected(same, same, { framing });
    expect(device.identity).toMatchObject({ state: "ready", window: 4, message_bytes: 4096, session: 0 });
    expect(await device.echo("関門 and back")).toBe("関門 and back");
    const decided = await session(device);
    expect(decided).toMatchObject({ record: 0, band: "none" });
    expect(await device.templates()).toEqual([]);
    expect(await device.abort()).toBeUndefined();
    const { digest, document } = await device.policy();
    expect((await device.setPolicy(document)).digest).toEqual(digest);
    expect((await device.rotate()).epoch).toBe(device.identity.epoch + 1);
    const entries = [];
    for await (const { index, entry } of device.log()) entries.push([index, entry.length > 50]);
    expect(entries).toEqual([
      [0, true],
      [1, true],
      [2, true],
    ]);
    expect(await device.checkpoint()).toMatch(/^kanmon\.example\/device\/[0-9a-f]{16}\n3\n/);
    expect((await device.attest(Buffer.alloc(16, 1))).signature).toHaveLength(64);
    expect(await device.releaseLog(2)).toBe(2);
    expect((await device.info()).log).toEqual({ size: 3, released: 2 });
    expect((await device.images())[0]?.hash).toEqual(device.identity.image);
    await device.reset();
    expect((await device.info()).log).toEqual({ size: 3, released: 2 });
    expect(device.counts).toMatchObject({ lost: 0, repeated: 0, broken: 0 });
  });

  test("refusals have a code, a group, a result code and help, and the next request works", async () => {
    const { device } = await connected();
    const cases: [Promise<unknown>, string, number][] = [
      [device.deleteTemplate("nobody"), "KAN-DEVICE-UNKNOWN-USER", RC.unknownUser],
      [device.finish(77), "KAN-DEVICE-NO-SESSION", RC.noSession],
      [device.sendFrame(77, 0, pixels(1)), "KAN-DEVICE-NO-SESSION", RC.noSession],
      [device.open({ ...SESSION, width: 9999 }), "KAN-DEVICE-UNSUPPORTED", RC.unsupported],
      [device.open({ ...SESSION, frames: 0 }), "KAN-DEVICE-MALFORMED", RC.malformed],
      [device.setPolicy(Buffer.from("no policy")), "KAN-DEVICE-POLICY-DOCUMENT", RC.policyDocument],
    ];
    for (const [failing, code, rc] of cases) {
      await expect(failing).rejects.toMatchObject({
        name: "DeviceError",
        code,
        rc,
        group: 64,
        help: expect.stringMatching(/\w/),
      });
    }
    expect(await device.echo("still here")).toBe("still here");
  });

  test("a frame of the wrong size is told, not waited for", async () => {
    const { device } = await connected();
    const { session: number } = await device.open(SESSION);
    await expect(device.sendFrame(number, 0, pixels(1).subarray(1))).rejects.toMatchObject({ code: "KAN-LINK-ANSWER" });
    await expect(device.sendFrame(number, 0, Buffer.alloc(WIDTH * HEIGHT + 1))).rejects.toMatchObject({
      rc: RC.overrun,
    });
    await expect(device.sendFrame(number, 1, pixels(1))).rejects.toMatchObject({ rc: RC.order });
    expect(await device.abort(number)).toBe(0);
  });
});

describe("bulk transfer", () => {
  test("at least 97 % of the bytes on the line are pixels", async () => {
    const { line, device } = await connected();
    const { session: number } = await device.open(SESSION);
    const before = { out: line.out, in: line.in };
    await device.sendFrame(number, 0, pixels(2));
    const share = (WIDTH * HEIGHT) / (line.out - before.out);
    expect(share).toBeGreaterThan(0.97);
    // Both directions together, for a line that carries one at a time.
    expect((WIDTH * HEIGHT) / (line.out - before.out + line.in - before.in)).toBeGreaterThan(0.97);
    expect(device.counts).toMatchObject({ lost: 0, repeated: 0, broken: 0 });
  });

  test("a whole message is used", () => {
    expect(chunkBytes(4096)).toBeGreaterThan(4030);
    expect(chunkBytes(256)).toBeGreaterThan(190);
  });

  test("several requests are on the way at once, never more than the window", async () => {
    let now = 0;
    let most = 0;
    const { device } = await connected(
      (chunk) => {
        if (chunk.length > 1000) most = Math.max(most, ++now);
        return [chunk];
      },
      (chunk) => {
        now = Math.max(
          0,
          now -
            chunk
              .toString("latin1")
              .split("\0")
              .filter((frame) => frame.length > 0).length,
        );
        return [chunk];
      },
    );
    await session(device);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(device.identity.window);
  });
});

describe("bad lines", () => {
  const lines: [string, Damage, Damage][] = [
    ["one bit in 10,000 flipped, both ways", flips(1, 1e4), flips(2, 1e4)],
    ["one bit in 5,000 flipped, both ways", flips(3, 5e3), flips(4, 5e3)],
    ["one chunk in 5 lost, cut, repeated or with noise, outward", losses(5, 5), same],
    ["one chunk in 5 lost, cut, repeated or with noise, inward", same, losses(6, 5)],
    ["everything at once", (chunk) => losses8(chunk).flatMap(flips7), losses(9, 8)],
  ];
  const losses8 = losses(8, 8);
  const flips7 = flips(7, 2e4);

  test.each(lines)("%s: the same decision, and one record", async (_name, outward, inward) => {
    const good = await session((await connected()).device);
    const { device } = await connected(outward, inward);
    expect(await session(device)).toEqual(good);
    expect((await device.info()).log.size).toBe(1);
    expect(device.counts.lost).toBeGreaterThan(0);
  });

  test("a write whose answer is lost is not done twice", async () => {
    let lose = false;
    const { device } = await connected(same, (chunk) => {
      const now = lose;
      lose = false;
      return now ? [] : [chunk];
    });
    const { epoch } = await device.info();
    lose = true;
    expect((await device.rotate()).epoch).toBe(epoch + 1);
    expect((await device.info()).epoch).toBe(epoch + 1);
    expect(device.counts).toMatchObject({ lost: 1, repeated: 1 });
    await eyeSession(device, "enroll", "ann", [eye(1)]);
    const { size } = (await device.info()).log;
    lose = true;
    expect((await device.export("ann", "iris")).length).toBeGreaterThan(100);
    expect((await device.info()).log.size).toBe(size + 1);
    expect(device.counts).toMatchObject({ lost: 2, repeated: 2 });
  });

  test("sequence numbers wrap, late and repeated answers are not taken for others", async () => {
    const held: Buffer[] = [];
    let count = 0;
    const { device } = await connected(same, (chunk) => {
      // Each answer comes twice, the second time behind the following ones.
      held.push(Buffer.from(chunk));
      return ++count % 7 === 0 ? [chunk, ...held.splice(0)] : [chunk];
    });
    for (let i = 0; i < 600; i++) expect(await device.echo(`echo ${i}`)).toBe(`echo ${i}`);
    const many = await Promise.all(Array.from({ length: 600 }, () => device.readLog(0)));
    expect(many.every(({ size }) => size === 0)).toBe(true);
  });

  test("noise before the device is there does no harm", async () => {
    const line = new BadLine(board().link);
    line.push(Buffer.from("\0\0boot: 0x1234\r\n\x06\x09ABC\x02\x0b garbage"));
    const device = await Device.connect(line);
    expect(device.identity.state).toBe("ready");
  });
});

describe("a line that ends", () => {
  test("closing it fails what is under way and what follows, and says so", async () => {
    const { line, device } = await connected();
    const { session: number } = await device.open(SESSION);
    const failing = device.sendFrame(number, 0, pixels(1), { onProgress: () => line.destroy() });
    await expect(failing).rejects.toMatchObject({ code: "KAN-LINK-CLOSED", exit: 4 });
    await expect(device.echo("x")).rejects.toMatchObject({ code: "KAN-LINK-CLOSED" });
  });

  test("an error of the stream is the cause", async () => {
    const { line, device } = await connected();
    const asked = device.info();
    line.destroy(new Error("cable pulled"));
    await expect(asked).rejects.toMatchObject({
      code: "KAN-LINK-CLOSED",
      cause: { message: "cable pulled" },
    });
  });

  test("a device that says nothing is given up after the time there is", async () => {
    const mute = new BadLine(board().link, () => []);
    await expect(Device.connect(mute, { answer_ms: 700, where: "/dev/ttyTEST" })).rejects.toMatchObject({
      code: "KAN-LINK-SILENT",
      message: expect.stringContaining("/dev/ttyTEST"),
    });
  });

  test("a host that went away mid-frame and returns finds the device well", async () => {
    const made = board();
    const first = await Device.connect(made.link);
    const { session: number } = await first.open(SESSION);
    const aborted = new AbortController();
    const sending = first.sendFrame(number, 0, pixels(1), {
      signal: aborted.signal,
      onProgress: () => aborted.abort(),
    });
    await expect(sending).rejects.toThrow(/abort/);
    first.close();
    (made.link as Duplex).write(Buffer.from([2, 10, 77, 1, 2, 3])); // half a frame
    const second = await Device.connect(made.link);
    await expect(second.open(SESSION)).rejects.toMatchObject({ rc: RC.busy });
    expect(await second.abort()).toBe(0);
    expect((await session(second)).record).toBe(1);
  });
});
