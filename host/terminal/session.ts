// One session on a reader: frames from a sensor or from pictures go in, a decision comes out. The terminal never keeps a frame: each
// is released, zeroed, as soon as the reader has it.
import type { SensorFrame } from "../../hal/driver.ts";
import type { Device, Finished, SessionRequest as OpenRequest } from "../device/device.ts";

/** What is asked of the reader. */
export interface SessionRequest extends OpenRequest {
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
  const { enough = request.frames, ...opened } = request;
  const { session } = await device.open(opened);
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
