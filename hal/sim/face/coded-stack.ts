// A stack as a driver would deliver it, of a simulated face without a sensor: for tests, benchmarks and evaluations of many people.
import type { FringeStack } from "../../driver.ts";
import { patternsOf } from "../../face/patterns.ts";
import { encodeRows } from "../../protocol/rows.ts";
import { makeScene, type Person, type Presentation, takeStack, type Unit } from "./render.ts";

/** The pictures of a stack, each its coded rows, one after the other: what a face's frame is to the image. */
export function codedStack(
  unit: Unit,
  person: Person | undefined,
  presentation: Presentation,
  stack: FringeStack,
): Uint8Array {
  const { width, height } = unit;
  const pictures = takeStack(makeScene(unit, person, presentation), patternsOf(stack), presentation);
  return Buffer.concat(pictures.map((picture) => encodeRows(picture, width, height)));
}
