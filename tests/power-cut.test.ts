// Power cuts at the whole reader: the image on the in-process board, driven over its link by the host's client. Every flash
// operation of each command is cut, in every way; after each cut the reader must boot, know what it knew before or after the
// command that was hit, keep its log whole, still accept people, take the command again, and have erased what was deleted.
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { makeEye, makePresentation, renderEye } from "../hal/sim/eye.ts";
import { verifierOf, verifyCheckpoint } from "../host/audit/note.ts";
import { leafHash, nodesOf, treeRoot } from "../host/audit/tree.ts";
import { signCalibration } from "../host/calibration/document.ts";
import { Device } from "../host/device/device.ts";
import { loadImage } from "../host/evaluate/image.ts";
import { signLiveness } from "../host/liveness/document.ts";
import { DEVELOPMENT_KEY } from "../host/policy/development.ts";
import { type Board, createBoard } from "../host/simulator/board.ts";
import { FaultFlash } from "../host/simulator/fault-flash.ts";
import { type DeviceKeys, temporaryKeys } from "../host/simulator/keys.ts";
import { tearsOf } from "./journal-model.ts";
import { TABLES } from "./liveness-tables.ts";

const GEOMETRY = { bytes: 6 * 32_768, sector: 2048, unit: 8 };
const [WIDTH, HEIGHT] = [160, 120];
const NOW = 1_800_000_000;
const image = process.env.KANMON_IMAGE ? loadImage(process.env.KANMON_IMAGE) : loadImage();

/** Frames of a person, rendered once. */
const frames = new Map<string, Uint8Array>();
function frame(person: number, presentation: number): Uint8Array {
  const key = `${person} ${presentation}`;
  const made = frames.get(key) ?? renderEye(makeEye(person, "right"), makePresentation(presentation), WIDTH, HEIGHT);
  frames.set(key, made);
  return made;
}

/** A device: flash, and keys whose counter goes with this copy of it. */
interface Reader {
  readonly flash: FaultFlash;
  readonly keys: DeviceKeys;
}
const root = temporaryKeys();
function readerOf(flash: FaultFlash, count = 0): Reader {
  let counter = count;
  return { flash, keys: { ...root, counter: (floor) => (counter = Math.max(counter, floor)) } };
}
const copy = ({ flash, keys }: Reader, seed: number): Reader => readerOf(flash.copy(seed), keys.counter(0));

/** Added to the boards' clocks, so that nobody has to wait after a failed try. */
let skew = 0n;
const micros = (): bigint => process.hrtime.bigint() / 1000n + skew;

/** Runs `act` on a reader that is switched on for it. Resolves to undefined if the power went. */
async function on<T>(reader: Reader, act: (device: Device) => Promise<T>): Promise<T | undefined> {
  const board = createBoard({ image: image.bytes, flash: reader.flash, keys: reader.keys, micros });
  let device: Device | undefined;
  const off = new Promise<undefined>((resolve) => {
    board.once("off", () => resolve(undefined));
    if (!board.powered) resolve(undefined);
  });
  const work = (async () => {
    device = await Device.connect(board.link, { clock: () => NOW });
    const result = await act(device);
    await idle(board, reader.flash);
    return result;
  })();
  work.catch(() => {}); // when the power goes first, what was under way fails later, of that
  try {
    return await Promise.race([work, off]);
  } finally {
    device?.close();
    board.removeAllListeners();
    board.close();
  }
}

/** Until the reader has nothing left to erase. */
async function idle(board: Board, flash: FaultFlash): Promise<void> {
  for (let seen = -1; board.powered && seen !== flash.operations.length; ) {
    seen = flash.operations.length;
    await sleep(3);
  }
}

async function session(device: Device, purpose: "enroll" | "verify", user: string, person: number): Promise<string> {
  const count = purpose === "enroll" ? 3 : 1;
  skew += 3_600_000_000n;
  const { session } = await device.open({
    modality: "iris",
    purpose,
    user,
    width: WIDTH,
    height: HEIGHT,
    frames: count,
  });
  for (let i = 0; i < count; i++) await device.sendFrame(session, i, frame(person, purpose === "enroll" ? i : 5));
  return (await device.finish(session)).decision;
}

/** A face sensor's unit as it was calibrated at `issued`. */
function calibration(issued: number): Uint8Array {
  const none: [number, number, number, number] = [0, 0, 0, 0];
  const camera = { fx: 400, fy: 400, cx: 160, cy: 120, k1: 0, k2: 0, a: none, b: none };
  const geometry = { ...camera, nearest_mm: 250, farthest_mm: 1500 };
  return signCalibration({ unit: "SN-1", width: 320, height: 240, geometry }, DEVELOPMENT_KEY, issued).document;
}

/** A liveness calibration of irises that was issued so. */
const liveness = (issued: number) => signLiveness({ name: "simulated", tables: TABLES }, DEVELOPMENT_KEY, issued);

/** What a reader knows, as far as the link tells. */
async function knowledge(device: Device): Promise<string> {
  const { epoch, log, policy, state } = await device.info();
  const references = (await device.templates()).map(({ user, samples, failed }) => ({ user, samples, failed }));
  const documents = [policy, (await device.calibration()).document, (await device.liveness("iris")).document];
  const kept = documents.map((bytes) => Buffer.from(bytes).toString("hex"));
  return JSON.stringify({ state, epoch, log, kept, references });
}

/** The log is whole: the signed root is that of the entries. */
async function checkLog(device: Device, where: string): Promise<void> {
  const { device: id, key } = device.identity;
  const note = await device.checkpoint();
  const { size, root } = verifyCheckpoint(
    note,
    verifierOf(`kanmon.example/device/${Buffer.from(id).toString("hex")}`, key),
  );
  const { log } = await device.info();
  expect(size, where).toBe(log.size);
  if (log.released > 0) return;
  const leaves = [];
  for await (const { entry } of device.log()) leaves.push(leafHash(entry));
  expect(Buffer.from(treeRoot(nodesOf(leaves), leaves.length)).equals(root), `${where}: root of the log`).toBe(true);
}

interface Scenario {
  readonly command: (device: Device) => Promise<unknown>;
  /** Before it: more than a reader in use. */
  readonly prepare?: (device: Device) => Promise<unknown>;
  /** The first boot of a blank reader. */
  readonly blank?: true;
  /** What ann's sealed reference must be after it. */
  readonly ann: "kept" | "erased" | "none";
}

const SCENARIOS: Record<string, Scenario> = {
  "first boot": { command: async () => {}, blank: true, ann: "none" },
  enrol: { command: (device) => session(device, "enroll", "bob", 2), ann: "kept" },
  "verify, accepted": {
    // A failed try before, which the acceptance clears.
    prepare: (device) => session(device, "verify", "ann", 3),
    command: (device) => session(device, "verify", "ann", 1),
    ann: "kept",
  },
  "verify, rejected": { command: (device) => session(device, "verify", "ann", 3), ann: "kept" },
  delete: { command: (device) => device.deleteTemplate("ann"), ann: "erased" },
  rotate: { command: (device) => device.rotate(), ann: "erased" },
  "set a calibration": { command: (device) => device.setCalibration(calibration(NOW + 1)), ann: "kept" },
  "set a liveness calibration": { command: (device) => device.setLiveness(liveness(NOW + 1).document), ann: "kept" },
  "release the log": { command: async (device) => device.releaseLog((await device.info()).log.size), ann: "kept" },
};

/** A reader in use: its face sensor is calibrated, ann and cas are enrolled. Resolves to ann's sealed reference, too. */
async function inUse(): Promise<{ reader: Reader; ann: Buffer }> {
  const reader = readerOf(new FaultFlash(GEOMETRY));
  const ann = await on(reader, async (device) => {
    await device.setCalibration(calibration(NOW));
    await device.setLiveness(liveness(NOW).document);
    expect(await session(device, "enroll", "cas", 4)).toBe("enrolled");
    expect(await session(device, "enroll", "ann", 1)).toBe("enrolled");
    return Buffer.from(await device.export("ann", "iris"));
  });
  return { reader, ann: ann as Buffer };
}

let used: Awaited<ReturnType<typeof inUse>>;
beforeAll(async () => {
  used = await inUse();
}, 60_000);

/** Cuts every operation of the command in every way. Resolves to how many cuts it was. */
async function cutEverywhere(base: Reader, command: Scenario["command"], ann: Scenario["ann"]): Promise<number> {
  const whole = copy(base, 1);
  const before = ann === "none" ? undefined : await on(copy(base, 1), knowledge);
  const after = await on(whole, async (device) => {
    await command(device);
    return knowledge(device);
  });
  expect(after).toBeDefined();
  let cuts = 0;
  for (const [n, { kind }] of whole.flash.operations.entries()) {
    for (const tear of tearsOf(kind)) {
      const where = `operation ${n} (${kind}), ${tear}`;
      const reader = copy(base, n + 1);
      reader.flash.cut(n, tear);
      await on(reader, command);
      expect(reader.flash.dead, where).toBe(true);
      reader.flash.restore();
      await on(reader, async (device) => {
        const known = await knowledge(device);
        if (known !== after) {
          if (before) expect(known, where).toBe(before);
          await command(device);
          expect(await knowledge(device), `${where}: again`).toBe(after);
        }
        await checkLog(device, where);
        if (ann === "kept" && tear === "bits") expect(await session(device, "verify", "cas", 4), where).toBe("accept");
      });
      const raw = Buffer.from(reader.flash.bytes.buffer);
      for (const at of [80, used.ann.length - 32]) {
        const readable = raw.includes(used.ann.subarray(at, at + 32));
        expect(readable, `${where}: ann's sealed reference on the flash`).toBe(ann === "kept");
      }
      cuts++;
    }
  }
  return cuts;
}

describe("a cut in any flash operation", () => {
  for (const [name, { blank, prepare, command, ann }] of Object.entries(SCENARIOS)) {
    test(name, { timeout: 300_000 }, async () => {
      const base = blank ? readerOf(new FaultFlash(GEOMETRY)) : copy(used.reader, 1);
      if (prepare) await on(base, prepare);
      expect(await cutEverywhere(base, command, ann)).toBeGreaterThan(10);
    });
  }

  test("compaction", { timeout: 300_000 }, async () => {
    // Sessions that are given up leave a record each, until the next one makes the journal compact.
    const giveUp = async (device: Device): Promise<void> => {
      await device.open({ modality: "iris", purpose: "verify", user: "ann", width: WIDTH, height: HEIGHT, frames: 1 });
      await device.abort();
    };
    const base = copy(used.reader, 1);
    let compacts = copy(base, 1);
    await on(base, async (device) => {
      for (let compacted = false; !compacted; ) {
        await device.releaseLog((await device.info()).log.size);
        compacts = copy(base, 1);
        const erased = base.flash.erases.slice();
        await giveUp(device);
        compacted = base.flash.erases.some((count, sector) => count > (erased[sector] as number) && count > 1);
      }
    });
    expect(await cutEverywhere(compacts, giveUp, "kept")).toBeGreaterThan(50);
  });
});
