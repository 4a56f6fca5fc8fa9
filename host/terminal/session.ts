// One session on a reader: frames from a sensor or from pictures go in, a decision comes out. The terminal never keeps a frame: each
// is released, zeroed, as soon as the reader has it.
import { randomBytes } from "node:crypto";
import type { Modality, SensorFrame } from "../../hal/driver.ts";
import type { Device, Finished } from "../device/device.ts";

/** What is asked of the reader. */
export interface SessionRequest {
  readonly purpose: "enroll" | "verify" | "identify";
  readonly modality: Modality;
  /** Whose reference it is about; none for identify. */
  readonly user?: string;
  readonly width: number;
  readonly height: number;
  /** Frames at most. */
  readonly frames: number;
  /** Good samples after which no more frames are taken; all frames if left out. */
  readonly enough?: number;
}

/** What became of it. `reasons`: of each frame, "none" where it gave a sample. */
export interface SessionResult extends Finished {
  readonly reasons: readonly string[];
}

/** Runs a session. Aborts it on the reader if the frames fail. Throws DeviceError, SensorError, KanmonError. */
export async function runSession(
  device: Device,
  request: SessionRequest,
  frames: AsyncIterable<SensorFrame>,
  onFrame: (reason: string, taken: number) => void = () => {},
): Promise<SessionResult> {
  const { purpose, modality, user, width, height, enough = request.frames } = request;
  const { session } = await device.open({
    purpose,
    modality,
    ...(user === undefined ? {} : { user }),
    width,
    height,
    frames: request.frames,
    nonce: randomBytes(16),
    time: Math.floor(Date.now() / 1000),
  });
  const reasons: string[] = [];
  try {
    for await (const frame of frames) {
      try {
        reasons.push(await device.sendFrame(session, reasons.length, frame.data));
      } finally {
        frame.release();
      }
      onFrame(reasons.at(-1) as string, reasons.length);
      if (reasons.length === request.frames || reasons.filter((reason) => reason === "none").length >= enough) break;
    }
    return { ...(await device.finish(session)), reasons };
  } catch (error) {
    // The reader may be gone; then it aborts the session by itself when the next one is opened.
    await device.abort(session).catch(() => {});
    throw error;
  }
}
