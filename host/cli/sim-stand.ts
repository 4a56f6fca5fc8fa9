// Where people stand in `kanmon sim`: a simulated module of each modality on a virtual serial line, and one visit to it.
import { randomBytes } from "node:crypto";
import type { ProtocolSensor } from "../../hal/protocol/sensor.ts";
import type { Camera } from "../../hal/sim/camera.ts";
import { openSimulatedFace } from "../../hal/sim/simulated-face.ts";
import { openSimulatedIris } from "../../hal/sim/simulated-iris.ts";
import { openSimulatedPalm } from "../../hal/sim/simulated-palm.ts";
import type { SimulatedSensor } from "../../hal/sim/simulated-sensor.ts";
import { geometryOf, signCalibration } from "../calibration/document.ts";
import type { ModalityName } from "../evaluate/modality.ts";
import { DEVELOPMENT_KEY } from "../policy/development.ts";
import { sensorSession } from "../terminal/sensor-session.ts";
import { runSession, type SessionRequest, type SessionResult } from "../terminal/session.ts";
import type { Reader } from "./reader.ts";
import { type KeptSession, keep } from "./same-record.ts";

/** A camera that people, who are numbers, can be put before; each time is another presentation. */
interface Stage extends Camera {
  present(subject: { readonly person: number } | undefined): void;
  /** Of a face sensor: how its unit measures, 64 bytes. */
  calibration?(): Uint8Array;
}

/** A simulated sensor and its modality. */
export interface Stand extends Omit<SimulatedSensor<ProtocolSensor, Stage>, "module"> {
  readonly modality: ModalityName;
}

/** Palms: the whole hand in two bands, which is the most that a reader with the memory of the smallest board takes. */
const SIMULATED: Record<ModalityName, () => Promise<Omit<Stand, "modality">>> = {
  iris: openSimulatedIris,
  palm: openSimulatedPalm,
  face: openSimulatedFace,
};

/** The frames of every board. */
const SIZE = { width: 320, height: 240 } as const;
/** When simulated units were calibrated, seconds since 1970: the same unit has the same document each time. */
const ISSUED = Date.UTC(2026, 10, 23) / 1000;
const FRAMES = 8;
/** Samples of whoever is enrolled. A stack of a face is long on an emulated board's line: one. */
const ENROLLED_FRAMES: Record<ModalityName, number> = { iris: 3, palm: 3, face: 1 };

/** Starts the sensor of a modality. */
export async function openStand(modality: ModalityName): Promise<Stand> {
  const simulated = await SIMULATED[modality]();
  await simulated.sensor.configure(SIZE);
  return { modality, ...simulated };
}

/** The signed calibration of the stand's unit, as it would come with it; undefined where there is none to have. */
export async function calibrationOf({ sensor, camera }: Stand): Promise<Uint8Array | undefined> {
  const bytes = camera.calibration?.();
  if (!bytes) return undefined;
  const { serial } = await sensor.identify();
  return signCalibration({ unit: serial, ...SIZE, geometry: geometryOf(bytes) }, DEVELOPMENT_KEY, ISSUED).document;
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
  { modality, sensor, camera }: Stand,
  { person, purpose, user }: Visit,
): Promise<{ result: SessionResult; session: KeptSession }> {
  camera.present({ person });
  const { shape, frames } = await sensorSession(sensor, FRAMES);
  const request = {
    ...shape,
    purpose,
    ...(purpose === "identify" ? {} : { user }),
    frames: FRAMES,
    enough: purpose === "enroll" ? ENROLLED_FRAMES[modality] : 1,
    nonce: randomBytes(16),
    time: Math.floor(Date.now() / 1000),
  };
  const session = { request, frames: [] };
  return { result: await runSession(reader.device, request, keep(frames, session.frames)), session };
}
