// How well bulk transfer fills a line, for `kanmon bench`: a frame to the reader and an image to the recovery image, both the real ones in
// V8, over a modelled UART.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadImage } from "../evaluate/image.ts";
import { projectRoot } from "../root.ts";
import { createBoard } from "../simulator/board.ts";
import { MemoryFlash } from "../simulator/flash.ts";
import { temporaryKeys } from "../simulator/keys.ts";
import { type Slots, slotInfo } from "../simulator/slots.ts";
import { Device } from "./device.ts";
import { ModelledLine } from "./modelled-line.ts";
import { Updater } from "./update.ts";

const BAUDS = [921_600, 3_000_000];
const [WIDTH, HEIGHT] = [640, 480];
/** A slot of the emulated boards. */
const IMAGE_BYTES = 131_072;

export interface BulkRate {
  readonly what: "frame" | "image";
  readonly baud: number;
  readonly bytes: number;
  /** Of the bytes that the host put on the line. */
  readonly payload_share: number;
  /** Of the bytes in both directions. */
  readonly payload_share_both: number;
  /** Of the time from the first byte to the last, how much the line stood still. */
  readonly idle_share: number;
  readonly kb_per_second: number;
}

/** Measures both transfers at both speeds: about 20 seconds. */
export async function benchBulk(): Promise<BulkRate[]> {
  const rates: BulkRate[] = [];
  for (const baud of BAUDS) for (const transfer of [frame, image]) rates.push(await best(() => transfer(baud)));
  return rates;
}

/** Of three runs the one with the least idle time: what else the machine does can only add to it. */
async function best(run: () => Promise<BulkRate>): Promise<BulkRate> {
  const runs = [await run(), await run(), await run()];
  return runs.reduce((least, one) => (one.idle_share < least.idle_share ? one : least));
}

async function frame(baud: number): Promise<BulkRate> {
  return over(loadImage().bytes, baud, undefined, async (line) => {
    const device = await Device.connect(line);
    const session = { modality: "iris", purpose: "identify", width: WIDTH, height: HEIGHT, frames: 1 } as const;
    const opened = await device.open(session);
    line.restart();
    await device.sendFrame(opened.session, 0, noise(opened.frame_bytes));
    return { what: "frame", bytes: opened.frame_bytes };
  });
}

async function image(baud: number): Promise<BulkRate> {
  const recovery = readFileSync(join(projectRoot(), "build", "recovery.wasm"));
  return over(recovery, baud, takesAll, async (line) => {
    const updater = await Updater.connect(line);
    const bytes = noise(IMAGE_BYTES);
    bytes.writeUInt32LE(0x96f3b83d, 0); // the magic of an image, all that the first chunk is looked at for
    line.restart();
    await updater.upload(bytes);
    return { what: "image", bytes: IMAGE_BYTES };
  });
}

async function over(
  wasm: Uint8Array,
  baud: number,
  slots: Slots | undefined,
  act: (line: ModelledLine) => Promise<{ what: BulkRate["what"]; bytes: number }>,
): Promise<BulkRate> {
  const board = createBoard({
    image: wasm,
    flash: new MemoryFlash(),
    keys: temporaryKeys(),
    ...(slots === undefined ? {} : { slots }),
  });
  const line = new ModelledLine(board.link, baud);
  try {
    const { what, bytes } = await act(line);
    const { out, in: back } = line.bytes;
    const { ms, idle_ms } = line.sending;
    return {
      what,
      baud,
      bytes,
      payload_share: share(bytes / out),
      payload_share_both: share(bytes / (out + back)),
      idle_share: share(idle_ms / ms),
      kb_per_second: Math.round(bytes / ms),
    };
  } finally {
    line.destroy();
    board.close();
  }
}

/** An empty slot that takes whatever comes and keeps none of it. */
const takesAll: Slots = {
  info: (slot) => (slot === 0 ? slotInfo({ flags: 0, capacity: IMAGE_BYTES }) : undefined),
  begin: () => 0,
  write: (_slot, offset, data) => offset + data.length,
  mark: () => 0,
};

function noise(bytes: number): Buffer {
  return Buffer.from(Array.from({ length: bytes }, () => Math.floor(Math.random() * 256)));
}

function share(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
