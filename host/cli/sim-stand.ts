// Where people stand in `kanmon sim`: a simulated module of each modality on a virtual serial line, and one visit to it.
import { randomBytes } from "node:crypto";
import type { ProtocolSensor } from "../../hal/protocol/sensor.ts";
import type { Camera } from "../../hal/sim/camera.ts";
import { openSimulatedIris } from "../../hal/sim/simulated-iris.ts";
import { openSimulatedPalm } from "../../hal/sim/simulated-palm.ts";
import type { SimulatedSensor } from "../../hal/sim/simulated-sensor.ts";
import type { ModalityName } from "../evaluate/modality.ts";
import { sensorSession } from "../terminal/sensor-session.ts";
import { runSession, type SessionRequest, type SessionResult } from "../terminal/session.ts";
import type { Reader } from "./reader.ts";
import { type KeptSession, keep } from "./same-record.ts";

/** A camera that people, who are numbers, can be put before; each time is another presentation. */
interface Stage extends Camera {
  present(subject: { readonly person: number } | undefined): void;
}

/** A simulated sensor and its modality. */
export interface Stand extends Omit<SimulatedSensor<ProtocolSensor, Stage>, "module"> {
  readonly modality: ModalityName;
}

/** Palms: the whole hand in two bands, which is the most that a reader with the memory of the smallest board takes. */
const SIMULATED: Record<ModalityName, () => Promise<Omit<Stand, "modality">>> = {
  iris: openSimulatedIris,
  palm: openSimulatedPalm,
};

/** The frames of every board. */
const SIZE = { width: 320, height: 240 } as const;
const FRAMES = 8;
const ENROLLED_FRAMES = 3;

/** Starts the sensor of a modality. */
export async function openStand(modality: ModalityName): Promise<Stand> {
  const simulated = await SIMULATED[modality]();
  await simulated.sensor.configure(SIZE);
  return { modality, ...simulated };
}

/** Who comes, and what they want. */
export interface Visit {
  readonly person: number;
  readonly purpose: SessionRequest["purpose"];
  readonly user: string;
}

/** Puts the person before the stand's sensor and runs their session. */
export async function visit(
  reader: Reader,
  { sensor, camera }: Stand,
  { person, purpose, user }: Visit,
): Promise<{ result: SessionResult; session: KeptSession }> {
  camera.present({ person });
  const { shape, frames } = await sensorSession(sensor, FRAMES);
  const request = {
    ...shape,
    purpose,
    ...(purpose === "identify" ? {} : { user }),
    frames: FRAMES,
    enough: purpose === "enroll" ? ENROLLED_FRAMES : 1,
    nonce: randomBytes(16),
    time: Math.floor(Date.now() / 1000),
  };
  const session = { request, frames: [] };
  return { result: await runSession(reader.device, request, keep(frames, session.frames)), session };
}
