// Faces for tests of what is around the modality: simulated heads before a simulated structured-light unit (hal/sim/face), so that nothing
// here belongs to anybody. For accuracy there are real captures.
import type { FringeStack } from "../hal/driver.ts";
import { PHASE_GRAY, PHASE_SHIFT } from "../hal/face/patterns.ts";
import { childSeed } from "../hal/sim/eye/random.ts";
import { codedStack } from "../hal/sim/face/coded-stack.ts";
import { calibrationBlock, type Flaw, makeUnit, personOf } from "../hal/sim/face/render.ts";
import { presentationOf } from "../hal/sim/face/stack.ts";
import { geometryOf, signCalibration } from "../host/calibration/document.ts";
import { DEVELOPMENT_KEY } from "../host/policy/development.ts";

const unit = makeUnit("TEST");
export const UNIT = unit.serial;
export const SIZE = { width: unit.width, height: unit.height } as const;
/** How the unit measures, 64 bytes, and the same as a signed document. */
export const GEOMETRY = calibrationBlock(unit);
export const CALIBRATION = signCalibration(
  { unit: UNIT, ...SIZE, geometry: geometryOf(GEOMETRY) },
  DEVELOPMENT_KEY,
  1_790_000_000,
).document;

const drawn = new Map<string, Uint8Array>();

/** A coded stack of a person's face, the `nth` of that presentation; drawn once, as it takes a while. */
export function face(
  person: number,
  presentation = 0,
  stack: FringeStack = PHASE_GRAY,
  flaw?: Flaw,
  nth = 0,
): Uint8Array {
  const key = [person, presentation, stack.kind, flaw, nth].join();
  let made = drawn.get(key);
  if (!made) {
    const companion = flaw === "two_heads" ? personOf(childSeed(person, "companion")) : undefined;
    made = codedStack(unit, personOf(person), presentationOf(person, presentation, flaw), stack, { nth, companion });
    drawn.set(key, made);
  }
  return made;
}

export { PHASE_GRAY, PHASE_SHIFT };
