// The simulated face: who it is, how it is presented, and what a structured-light module sees of it.
import { makeMask, makePrint } from "./artefacts.ts";
import { makeHead, makePerson, type Person } from "./head.ts";
import type { Mesh } from "./mesh.ts";
import type { Presentation } from "./presentation.ts";
import { Scene } from "./stack.ts";
import { makeTraits } from "./traits.ts";
import type { Unit } from "./unit.ts";

export { type Expression, FLAWS, type Flaw, makePresentation, NEUTRAL, type Presentation } from "./presentation.ts";
export { Scene, takeStack } from "./stack.ts";
export { calibrationBlock, makeUnit, type Unit } from "./unit.ts";
export type { Mesh, Person };

/** Draws a person's face. @param number any 32-bit integer: the same number is the same person */
export function personOf(number: number): Person {
  return makePerson(makeTraits(number));
}

/**
 * Puts what the presentation says before a unit: the person, an artefact made after them, or a wall alone. `companion` is the second head
 * of two.
 */
export function makeScene(unit: Unit, person: Person | undefined, p: Presentation, companion?: Person): Scene {
  const meshes: Mesh[] = !person || p.thing === "nothing" || p.thing === "wall" ? [] : [thing(person, p)];
  if (p.second && companion) meshes.push(makeHead(companion, p.expression));
  return new Scene(unit, meshes, p);
}

function thing(person: Person, p: Presentation): Mesh {
  const head = makeHead(person, p.expression, p.glasses);
  if (p.thing === "mask") return makeMask(head);
  return p.thing === "print" || p.thing === "bent_print" ? makePrint(head, p.thing === "bent_print") : head;
}
