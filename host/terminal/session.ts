// One session on a reader: frames from a sensor or from pictures go in, a decision comes out. The terminal never keeps a frame: each
// is released, zeroed, as soon as the reader has it.
import { setTimeout } from "node:timers/promises";
import type { SensorFrame } from "../../hal/driver.ts";
import type { Device, Finished, SessionRequest as OpenRequest, SessionOpened } from "../device/device.ts";
import { DeviceError, RC } from "../device/errors.ts";

/** What is asked of the reader. */
export interface SessionRequest extends OpenRequest {
  /** Samples (of frames that are fused: captures) after which no more frames are taken; all frames if left out. */
  readonly enough?: number;
}

/** What became of it. `reasons`: of each frame, "none" where it gave a sample. */
export interface SessionResult extends Finished {
  readonly reasons: readonly string[];
}

/** What a caller may want to show while it runs. */
export interface SessionEvents {
  /** A frame was taken: its reason ("none": a sample), and how many there are. */
  readonly onFrame?: (reason: string, taken: number) => void;
  /** The reader makes the next try wait, for so many ms, since tries failed before. */
  readonly onWait?: (ms: number) => void;
}

/** Longest wait for the reader's next try that is sat out; a longer one is an error. */
const PATIENCE_MS = 60_000;

/** Runs a session. Aborts it on the reader if the frames fail. Throws DeviceError, SensorError, KanmonError. */
export async function runSession(
  device: Device,
  request: SessionRequest,
  frames: AsyncIterable<SensorFrame>,
  { onFrame = () => {}, onWait = () => {} }: SessionEvents = {},
): Promise<SessionResult> {
  const { enough = request.frames, ...opened } = request;
  const { session } = await openPatiently(device, opened, onWait);
  const reasons: string[] = [];
  const { fuse = 1 } = request;
  let samples = 0;
  try {
    for await (const frame of frames) {
      try {
        reasons.push(await device.sendFrame(session, reasons.length, frame.data));
      } finally {
        frame.release();
      }
      onFrame(reasons.at(-1) as string, reasons.length);
      if (reasons.length % fuse === 0 && reasons.slice(-fuse).includes("none")) samples++;
      if (reasons.length === request.frames || samples >= enough) break;
    }
    return { ...(await device.finish(session)), reasons };
  } catch (error) {
    // The reader may be gone; then it aborts the session by itself when the next one is opened.
    await device.abort(session).catch(() => {});
    throw error;
  }
}

/** Opens a session; where failed tries make the next one wait, waits once. */
async function openPatiently(
  device: Device,
  request: OpenRequest,
  onWait: (ms: number) => void,
): Promise<SessionOpened> {
  try {
    return await device.open(request);
  } catch (error) {
    const ms = error instanceof DeviceError && error.rc === RC.wait ? Number(error.detail["wait_ms"]) : Number.NaN;
    if (!(ms <= PATIENCE_MS)) throw error;
    onWait(ms);
    await setTimeout(ms);
    return device.open(request);
  }
}
