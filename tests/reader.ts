// A reader for whole-system tests: the shipped image on an in-process board, its client, and simulated eyes as frames.
import { randomBytes } from "node:crypto";
import { makeEye, makePresentation, renderEye } from "../hal/sim/eye.ts";
import { Device, type Finished } from "../host/device/device.ts";
import { loadImage } from "../host/evaluate/image.ts";
import { type Board, createBoard } from "../host/simulator/board.ts";
import { type Flash, MemoryFlash } from "../host/simulator/flash.ts";
import { type DeviceKeys, temporaryKeys } from "../host/simulator/keys.ts";
import { Channel } from "../link/channel.ts";
import { OP } from "../link/link.ts";

export const WIDTH = 320;
export const HEIGHT = 240;

export interface TestReader {
  readonly board: Board;
  readonly device: Device;
  readonly flash: Flash;
  readonly keys: DeviceKeys;
  close(): void;
}

/** Starts a reader on `flash`, with a clock that the test moves if it wants. */
export async function startReader(
  flash: Flash = new MemoryFlash(),
  keys: DeviceKeys = temporaryKeys(),
  clocks: { micros?: () => bigint; clock?: () => number } = {},
): Promise<TestReader> {
  const { micros, clock } = clocks;
  const board = createBoard({ image: loadImage().bytes, flash, keys, ...(micros ? { micros } : {}) });
  const device = await Device.connect(board.link, clock ? { clock } : {});
  const close = (): void => {
    device.close();
    board.close();
  };
  return { board, device, flash, keys, close };
}

/** A frame of a simulated person's right eye, 320x240. */
export function eye(person: number, presentation = 0): Uint8Array {
  return renderEye(makeEye(person, "right"), makePresentation(presentation), WIDTH, HEIGHT);
}

/** One session with `frames`. */
export async function session(
  device: Device,
  purpose: "enroll" | "verify" | "identify",
  user: string | undefined,
  frames: readonly Uint8Array[],
): Promise<Finished> {
  const { session } = await device.open({
    modality: "iris",
    purpose,
    ...(user === undefined ? {} : { user }),
    width: WIDTH,
    height: HEIGHT,
    frames: frames.length,
  });
  for (const [i, frame] of frames.entries()) await device.sendFrame(session, i, frame);
  return device.finish(session);
}

let asked = 0;

/** Asks without the client's care, to try what no client of ours sends: the answer's body. */
export async function ask(board: Board, group: number, id: number, body: Record<string, unknown>, write = true) {
  const channel = new Channel(board.link);
  try {
    // Numbered, so that no request is by chance the same as the one before, which the device would answer again and not do.
    return await channel.exchange({
      operation: write ? OP.write : OP.read,
      group,
      id,
      body: { ...body, asked: ++asked },
    });
  } finally {
    channel.close(new Error("asked"));
  }
}

/** Fields of an open request, as the client sends them. */
export function openFields(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    modality: "iris",
    purpose: "identify",
    width: WIDTH,
    height: HEIGHT,
    frames: 1,
    nonce: randomBytes(16),
    ...more,
  };
}
