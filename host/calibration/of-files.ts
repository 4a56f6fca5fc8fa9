// Depth maps from files on a development reader: for one session it is calibrated for the camera that took them, and then again for the unit
// that it stood with. A reader in the field trusts another authority and takes nothing of that.
import { isDeepStrictEqual } from "node:util";
import type { Device } from "../device/device.ts";
import { EXIT, KanmonError } from "../errors.ts";
import { DEVELOPMENT_KEY } from "../policy/development.ts";
import type { FrameSize } from "../terminal/pictures.ts";
import {
  type Calibration,
  type Geometry,
  geometryBytes,
  geometryOf,
  readCalibration,
  type SignedCalibration,
  signCalibration,
} from "./document.ts";

/** The unit that depth maps from files are said to come from. */
const UNIT = "files";

/** What a session under such a calibration is opened with. */
export interface FilesUnit {
  readonly unit: string;
  readonly kind: "depth";
}

/**
 * Runs `session` with the reader calibrated for a camera of this geometry, signed with the development key. The calibration that was in
 * force is put back, whatever came of the session; where none was, the camera's stays. Throws what `session` throws, DeviceError where the
 * reader does not take it, KAN-CALIBRATION-LOST where what was in force cannot be put back.
 */
export async function withFilesCalibration<T>(
  device: Device,
  geometry: Geometry,
  size: FrameSize,
  note: (text: string) => void,
  session: (unit: FilesUnit, calibration: SignedCalibration) => Promise<T>,
): Promise<T> {
  const wanted: Calibration = { unit: UNIT, ...size, geometry };
  const before = await inForce(device);
  const run = (calibration: SignedCalibration) => session({ unit: UNIT, kind: "depth" }, calibration);
  if (before && isDeepStrictEqual(asKept(before.calibration), asKept(wanted))) return run(before);
  // As old as that of other files: a reader takes no older one of the same unit, and what was in force must not be that afterwards.
  const issued = before?.calibration.unit === UNIT ? before.issued : Math.floor(Date.now() / 1000);
  const signed = signCalibration(wanted, DEVELOPMENT_KEY, issued);
  const after = before ? `, and for unit ${before.calibration.unit} again afterwards` : "";
  note(
    `note: the reader is calibrated for the depth camera of these files, with the published development key${after}`,
  );
  await device.setCalibration(signed.document);
  let result: T;
  try {
    result = await run(signed);
  } catch (error) {
    if (before) await putBack(device, before).catch((lost: KanmonError) => note(`${lost.message}\n  ${lost.help}`));
    throw error;
  }
  if (before) await putBack(device, before);
  return result;
}

/** The calibration in force; undefined where there is none. */
async function inForce(device: Device): Promise<SignedCalibration | undefined> {
  const { digest, document } = await device.calibration();
  return digest.length > 0 ? readCalibration(document) : undefined;
}

async function putBack(device: Device, { calibration: { unit }, document }: SignedCalibration): Promise<void> {
  try {
    await device.setCalibration(document);
  } catch (cause) {
    throw new KanmonError(
      "KAN-CALIBRATION-LOST",
      `the session was run, but the calibration of unit ${unit} could not be put in force again: ${(cause as Error).message}`,
      "Set it once more from its file: `kanmon calibration set FILE`. `kanmon log show` has the session.",
      EXIT.device,
    );
  }
}

/** As a document keeps it: in f32. */
function asKept({ geometry, ...rest }: Calibration) {
  return { ...rest, geometry: geometryOf(geometryBytes(geometry)) };
}
