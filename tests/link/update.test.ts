// The update client against the recovery image in V8, with a slot that only keeps what it is given: the protocol over good lines and bad
// ones. What boots and what survives power cuts is the C's: tests/boards/.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { Updater, type UpdaterOptions, uploadBytes } from "../../host/device/update.ts";
import { projectRoot } from "../../host/root.ts";
import { type Board, createBoard } from "../../host/simulator/board.ts";
import { MemoryFlash } from "../../host/simulator/flash.ts";
import { temporaryKeys } from "../../host/simulator/keys.ts";
import { SLOT, type Slots, slotInfo } from "../../host/simulator/slots.ts";
import { BadLine, type Damage, flips, losses, same } from "./bad-line.ts";
import { Random } from "./streams.ts";

const CAPACITY = 131_072;

/** One slot: bytes in order, known again by their SHA-256, marked as told. */
class KeepingSlot implements Slots {
  readonly bytes = Buffer.alloc(CAPACITY);
  received = 0;
  marks: number[] = [];
  #length = 0;
  #sha = Buffer.alloc(32);

  info(slot: number): Uint8Array | undefined {
    const whole = this.received > 0 && this.received === this.#length;
    const flags = whole ? SLOT.image | SLOT.bootable : 0;
    const facts = { flags, capacity: CAPACITY, received: this.received, hash: this.#sha, sha: this.#sha };
    return slot === 0 ? slotInfo({ ...facts, status: whole ? 0 : 1, version: [1, 2, 3, 0] }) : undefined;
  }

  begin(_slot: number, length: number, sha: Uint8Array): number {
    if (length > CAPACITY) return -30;
    if (length !== this.#length || !this.#sha.equals(sha)) this.received = 0;
    this.#length = length;
    this.#sha = Buffer.from(sha);
    return this.received;
  }

  write(_slot: number, offset: number, data: Uint8Array): number {
    if (offset !== this.received) throw new Error("out of order");
    this.bytes.set(data, offset);
    this.received += data.length;
    return this.received;
  }

  mark(_slot: number, mark: number): number {
    this.marks.push(mark);
    if (mark === 0) this.received = 0;
    return 0;
  }
}

const boards: Board[] = [];
afterEach(() => {
  for (const board of boards.splice(0)) board.close();
});

async function connected(outward: Damage = same, inward: Damage = same, options: UpdaterOptions = {}) {
  const slot = new KeepingSlot();
  const image = readFileSync(join(projectRoot(), "build", "recovery.wasm"));
  const board = createBoard({ image, flash: new MemoryFlash(), keys: temporaryKeys(), slots: slot });
  boards.push(board);
  const line = new BadLine(board.link, outward, inward);
  return { slot, board, line, updater: await Updater.connect(line, options) };
}

/** An image as far as the first chunk is looked at. */
function image(seed: number, bytes = 60_000): Buffer {
  const random = new Random(seed);
  const made = Buffer.from(Array.from({ length: bytes }, () => random.below(256)));
  made.writeUInt32LE(0x96f3b83d, 0);
  return made;
}

const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

describe("updating", () => {
  test.each(["cobs", "console"] as const)("every command, in %s", async (framing) => {
    const { slot, updater } = await connected(same, same, { framing });
    expect(updater.identity).toMatchObject({
      state: "recovery",
      board: "simulator",
      engine: "v8",
      slot: null,
      boot: "power",
    });
    expect(updater.device).toBe(sha256(updater.identity.key).toString("hex").slice(0, 16));
    expect(await updater.images()).toEqual([]);
    expect(await updater.capacity()).toBe(CAPACITY);
    const bytes = image(1);
    await updater.upload(bytes);
    expect(slot.bytes.subarray(0, slot.received).equals(bytes)).toBe(true);
    const [listed] = await updater.images();
    expect(listed).toMatchObject({ slot: 0, version: "1.2.3", bootable: true, active: false, hash: sha256(bytes) });
    await updater.test(sha256(bytes));
    await updater.confirm(sha256(bytes));
    await updater.erase();
    expect(slot.marks).toEqual([1, 2, 0]);
    expect(await updater.images()).toEqual([]);
    await updater.reset();
    expect((await updater.info()).boot).toBe("reset");
    expect(updater.counts).toMatchObject({ lost: 0, repeated: 0, broken: 0 });
  });

  test("refusals have a code of their own", async () => {
    const { updater } = await connected();
    await expect(updater.test(Buffer.alloc(32))).rejects.toMatchObject({
      code: "KAN-FLASH-ABSENT",
      group: 1,
      rc: 8,
      exit: 1,
    });
    await expect(updater.upload(image(1, CAPACITY + 1))).rejects.toMatchObject({ code: "KAN-FLASH-SIZE" });
    await expect(updater.upload(Buffer.alloc(5000))).rejects.toMatchObject({ code: "KAN-FLASH-FORMAT" });
    await expect(updater.confirm()).rejects.toMatchObject({ code: "KAN-FLASH-EMPTY" });
    await expect(updater.erase(1)).resolves.toBeUndefined();
    await expect(updater.erase(2)).rejects.toMatchObject({ code: "KAN-FLASH-REQUEST" });
  });

  test("at least 97 % of the bytes on the line are the image", async () => {
    const { line, updater } = await connected();
    const bytes = image(2, CAPACITY);
    const before = line.out + line.in;
    await updater.upload(bytes);
    expect(bytes.length / (line.out + line.in - before)).toBeGreaterThan(0.97);
    expect(uploadBytes(4096, true)).toBeLessThan(uploadBytes(4096, false));
  });

  const lines: [string, Damage, Damage][] = [
    ["one bit in 10,000 flipped, both ways", flips(1, 1e4), flips(2, 1e4)],
    ["one chunk in 5 lost, cut, repeated or with noise, outward", losses(5, 5), same],
    ["one chunk in 5 lost, cut, repeated or with noise, inward", same, losses(6, 5)],
  ];
  test.each(lines)("%s: byte for byte", async (_name, outward, inward) => {
    const { slot, updater } = await connected(outward, inward);
    const bytes = image(3);
    await updater.upload(bytes);
    expect(slot.bytes.subarray(0, slot.received).equals(bytes)).toBe(true);
    expect(updater.counts.lost).toBeGreaterThan(0);
  });

  test("a device that restarts in the middle, and remembers or not, gets it all", async () => {
    for (const forgets of [false, true]) {
      const { slot, board, updater } = await connected();
      const bytes = image(4);
      let restarted = false;
      await updater.upload(bytes, {
        onProgress: (done) => {
          if (restarted || done < bytes.length / 2) return;
          restarted = true;
          board.reboot();
          if (forgets) slot.begin(0, 0, Buffer.alloc(32));
        },
      });
      expect(restarted).toBe(true);
      expect(slot.bytes.subarray(0, slot.received).equals(bytes)).toBe(true);
    }
  });

  test("a device that does not get on is given up", async () => {
    const { slot, updater } = await connected();
    slot.write = (_slot, offset) => offset;
    await expect(updater.upload(image(5))).rejects.toMatchObject({ code: "KAN-LINK-ANSWER" });
  });
});
