// How much linear memory sessions take: asked of the image itself, on the in-process board, not worked out.
import { type Geometry, signCalibration } from "../calibration/document.ts";
import { Device, type SessionRequest } from "../device/device.ts";
import { DeviceError, RC } from "../device/errors.ts";
import { DEVELOPMENT_KEY } from "../policy/development.ts";
import { createBoard } from "../simulator/board.ts";
import { MemoryFlash } from "../simulator/flash.ts";
import { temporaryKeys } from "../simulator/keys.ts";
import type { BoardModality } from "./board.ts";

/** A kind of session, and the linear memory with it open. */
export interface SessionMemory {
  readonly modality: BoardModality;
  /** Its frames in words. */
  readonly frames: string;
  readonly bytes: number;
}

type Measured = Pick<SessionRequest, "width" | "height" | "bands" | "region" | "kind">;

const BOTH_BANDS = 3;

/** Frames of the modules that readers use, smallest first: a board must take the first of each modality. */
const FRAMES: Record<SessionMemory["modality"], readonly Measured[]> = {
  iris: [
    { width: 320, height: 240 },
    { width: 640, height: 480 },
  ],
  palm: [
    { width: 180, height: 180, region: "cropped" },
    { width: 320, height: 240, region: "whole hand" },
    { width: 320, height: 240, region: "whole hand", bands: BOTH_BANDS },
    { width: 640, height: 480, region: "whole hand" },
    { width: 640, height: 480, region: "whole hand", bands: BOTH_BANDS },
  ],
  face: [
    { width: 160, height: 120, kind: "phase-gray" },
    { width: 320, height: 240, kind: "phase-gray" },
  ],
};

/** Linear memory, in bytes, once an enrolment of each kind is open; by modality of those named, smallest frames first. What the image does not take is left out. */
export async function sessionMemory(image: Uint8Array, modalities: readonly BoardModality[]): Promise<SessionMemory[]> {
  const found: SessionMemory[] = [];
  for (const modality of modalities) {
    for (const frame of FRAMES[modality]) {
      const bytes = await measure(image, { modality, ...frame });
      if (bytes !== undefined) found.push({ modality, frames: words(frame), bytes });
    }
  }
  return found;
}

/** Memory never shrinks: a board for each. */
async function measure(
  image: Uint8Array,
  frames: Measured & Pick<SessionMemory, "modality">,
): Promise<number | undefined> {
  const board = createBoard({ image, flash: new MemoryFlash(), keys: temporaryKeys() });
  try {
    const device = await Device.connect(board.link);
    const unit = await calibrate(device, frames);
    await device.open({ ...frames, ...unit, purpose: "enroll", user: "measured", frames: 8 });
    device.close();
    return board.memory?.length ?? 0;
  } catch (error) {
    if (error instanceof DeviceError && error.rc === RC.unsupported) return undefined;
    throw error;
  } finally {
    board.close();
  }
}

/** A session of faces is of a unit that the reader has a calibration of; which does not matter here. */
async function calibrate(
  device: Device,
  { modality, width, height }: Measured & Pick<SessionMemory, "modality">,
): Promise<Pick<SessionRequest, "unit">> {
  if (modality !== "face") return {};
  const unit = "measured";
  const camera = {
    fx: width,
    fy: width,
    cx: width / 2,
    cy: height / 2,
    k1: 0,
    k2: 0,
    nearest_mm: 200,
    farthest_mm: 900,
  };
  // A projector that moves the phase by some turns between the nearest and the farthest.
  const geometry: Geometry = { ...camera, a: [400, 0, 200, -40_000], b: [0, 0, 1, 0] };
  await device.setCalibration(signCalibration({ unit, width, height, geometry }, DEVELOPMENT_KEY, 0).document);
  return { unit };
}

function words({ width, height, bands }: Measured): string {
  return `${width}×${height}${bands === BOTH_BANDS ? " in two bands" : ""}`;
}
