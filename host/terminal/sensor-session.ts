// What a session must say of a sensor's frames before the first one comes, and the frames, each held to it: the one place where a
// driver's capabilities and settings become an `open` request.
import { isDeepStrictEqual } from "node:util";
import type { FringeStack, SensorDriver, SensorFrame } from "../../hal/driver.ts";
import { SensorError } from "../../hal/errors.ts";
import { PHASE_GRAY, PHASE_SHIFT } from "../../hal/face/patterns.ts";
import type { SessionRequest } from "../device/device.ts";
import { bandsFault, openForm, PROFILES } from "../form.ts";

/** The fields of an `open` request that the sensor decides. */
export type SensorShape = Pick<
  SessionRequest,
  "modality" | "width" | "height" | "bands" | "region" | "profile" | "kind" | "unit"
>;

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
  const stack = await sensor.stack?.();
  const shape = { ...(await form(sensor, bands_nm, stack)), width, height };
  return { shape, frames: held(sensor.capture({ frames }), { width, height, bands_nm, stack }) };
}

async function form(sensor: SensorDriver, bands_nm: readonly number[] | undefined, stack: FringeStack | undefined) {
  const { modality, region, profile: declared } = await sensor.capabilities();
  if (modality === "face") return { modality, kind: kindOf(stack), unit: (await sensor.identify()).serial };
  // Irises have no forms (assembly/vision/form.ts).
  if (modality === "iris") return { modality };
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

/** What the image takes a face's stacks for: it knows two, pattern by pattern. */
function kindOf(stack: FringeStack | undefined): FringeStack["kind"] {
  for (const known of [PHASE_SHIFT, PHASE_GRAY]) if (isDeepStrictEqual(stack, known)) return known.kind;
  throw new SensorError(
    "KAN-SENSOR-KIND",
    `the face sensor's stacks are ${JSON.stringify(stack)}, not ${JSON.stringify(PHASE_SHIFT)} or ${JSON.stringify(PHASE_GRAY)}`,
  );
}

/** The capture's frames; one of another shape than was said would be taken for something else, or refused byte by byte. */
async function* held(
  capture: AsyncIterable<SensorFrame>,
  { width, height, bands_nm, stack }: Omit<FrameShape, "bits" | "bytes">,
): AsyncGenerator<SensorFrame> {
  for await (const frame of capture) {
    // The image takes 8 bits; drivers of several planes bring theirs to that. How long a coded stack is, its rows say.
    const bytes = stack ? frame.data.length : width * height * (bands_nm?.length ?? 1);
    const said = words({ width, height, bits: 8, bands_nm, stack, bytes });
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
  readonly stack?: FringeStack | undefined;
  readonly bytes: number;
}

function words({ width, height, bits, bands_nm, stack, bytes }: FrameShape): string {
  const bands = bands_nm === undefined ? "" : ` at ${bands_nm.join(" and ")} nm`;
  const pattern = stack === undefined ? "" : ` under ${stack.kind} patterns`;
  return `${width}×${height} of ${bits} bits${bands}${pattern} (${bytes} bytes)`;
}
