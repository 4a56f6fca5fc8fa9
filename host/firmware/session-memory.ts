// How much linear memory sessions take: asked of the image itself, on the in-process board, not worked out.
import { Device } from "../device/device.ts";
import { createBoard } from "../simulator/board.ts";
import { MemoryFlash } from "../simulator/flash.ts";
import { temporaryKeys } from "../simulator/keys.ts";

/** Frame sizes of the modules that readers use, smallest first. */
const FRAMES = [
  { width: 320, height: 240 },
  { width: 640, height: 480 },
] as const;

/** Linear memory, in bytes, once an enrolment of frames of each size is open. */
export async function sessionMemory(image: Uint8Array): Promise<{ frames: string; bytes: number }[]> {
  const found = [];
  for (const { width, height } of FRAMES) {
    const board = createBoard({ image, flash: new MemoryFlash(), keys: temporaryKeys() });
    try {
      const device = await Device.connect(board.link);
      await device.open({ modality: "iris", purpose: "enroll", user: "measured", width, height, frames: 8 });
      found.push({ frames: `${width}×${height}`, bytes: board.memory?.length ?? 0 });
      device.close();
    } finally {
      board.close();
    }
  }
  return found;
}
