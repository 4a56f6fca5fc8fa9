// A stack as a driver would deliver it, of a simulated face without a sensor: for tests, benchmarks and evaluations of many people.
import type { FringeStack } from "../../driver.ts";
import { patternsOf } from "../../face/patterns.ts";
import { encodeRows } from "../../protocol/rows.ts";
import { makeScene, type Person, type Presentation, takeStack, type Unit } from "./render.ts";

/** Which stack of a presentation: its number, from 0 on, of those taken in a row; and the second head, where the presentation has one. */
export interface WhichStack {
  readonly nth?: number;
  readonly companion?: Person | undefined;
}

/** The pictures of a stack, each its coded rows, one after the other: what a face's frame is to the image. */
export function codedStack(
  unit: Unit,
  person: Person | undefined,
  presentation: Presentation,
  stack: FringeStack,
  { nth, companion }: WhichStack = {},
): Uint8Array {
  const { width, height } = unit;
  const pictures = takeStack(makeScene(unit, person, presentation, companion), patternsOf(stack), presentation, nth);
  return Buffer.concat(pictures.map((picture) => encodeRows(picture, width, height)));
}
