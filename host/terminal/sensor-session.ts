// What a session must say of a sensor's frames before the first one comes, and the frames, each held to it: the one place where a
// driver's capabilities and settings become an `open` request.
import type { SensorDriver, SensorFrame } from "../../hal/driver.ts";
import { SensorError } from "../../hal/errors.ts";
import type { SessionRequest } from "../device/device.ts";
import { bandsFault, openForm, PROFILES } from "../form.ts";

/** The fields of an `open` request that the sensor decides. */
export type SensorShape = Pick<SessionRequest, "modality" | "width" | "height" | "bands" | "region" | "profile">;

/** A capture that has not begun. */
export interface SensorSession {
  readonly shape: SensorShape;
  /** At most so many frames as were asked for; the capture begins with the first. Raises what the driver raises, and KAN-SENSOR-FRAME. */
  readonly frames: AsyncIterable<SensorFrame>;
}

/**
 * A session's frames from a sensor as it is configured now, `frames` of them at most. Raises KAN-SENSOR-KIND and KAN-SENSOR-SETTINGS where no
 * reader has a form for what the sensor delivers, and what the driver raises.
 */
export async function sensorSession(sensor: SensorDriver, frames: number): Promise<SensorSession> {
  const { width, height } = await sensor.configure({});
  const bands_nm = await sensor.bands?.();
  const shape = { ...(await form(sensor, bands_nm)), width, height };
  return { shape, frames: held(sensor.capture({ frames }), width, height, bands_nm) };
}

async function form(sensor: SensorDriver, bands_nm: readonly number[] | undefined) {
  const { modality, region, profile: declared } = await sensor.capabilities();
  // Only palms have forms (assembly/vision/form.ts).
  if (modality !== "palm") return { modality };
  const profile = PROFILES.find((one) => one === declared);
  if (profile === undefined)
    throw new SensorError(
      "KAN-SENSOR-KIND",
      `the palm sensor's profile is "${declared}", not ${PROFILES.join(" or ")}`,
    );
  const fault = bands_nm && bandsFault(bands_nm);
  if (fault !== undefined) throw new SensorError("KAN-SENSOR-SETTINGS", `the palm sensor's bands ${fault}`);
  return { modality, ...openForm({ region, profile, bands_nm }) };
}

/** The capture's frames; one of another shape than was said would be taken for something else, or refused byte by byte. */
async function* held(
  capture: AsyncIterable<SensorFrame>,
  width: number,
  height: number,
  bands_nm: readonly number[] | undefined,
): AsyncGenerator<SensorFrame> {
  for await (const frame of capture) {
    // The image takes 8 bits; drivers of several planes bring theirs to that.
    const said = words({ width, height, bits: 8, bands_nm, bytes: width * height * (bands_nm?.length ?? 1) });
    const is = words({ ...frame, bytes: frame.data.length });
    if (is !== said) {
      frame.release();
      throw new SensorError(
        "KAN-SENSOR-FRAME",
        `frame ${frame.sequence} is ${is}, not ${said} as the session was told`,
      );
    }
    yield frame;
  }
}

interface FrameShape extends Pick<SensorFrame, "width" | "height" | "bits"> {
  readonly bands_nm?: readonly number[] | undefined;
  readonly bytes: number;
}

function words({ width, height, bits, bands_nm, bytes }: FrameShape): string {
  const bands = bands_nm === undefined ? "" : ` at ${bands_nm.join(" and ")} nm`;
  return `${width}×${height} of ${bits} bits${bands} (${bytes} bytes)`;
}
