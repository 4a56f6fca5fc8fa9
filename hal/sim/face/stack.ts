// A presentation before a module, and the pictures that it takes: what the simulated face camera and everyone who needs a stack without
// a sensor share. From first principles and seeds alone: nothing is taken or learned from any real person, so it can be shipped and shown.
import type { FringePattern } from "../../driver.ts";
import { childSeed } from "../eye/random.ts";
import { type Exposure, takePicture } from "./light.ts";
import type { Mesh } from "./mesh.ts";
import { type Flaw, makePresentation, type Presentation } from "./presentation.ts";
import type { Unit } from "./unit.ts";
import { fringePlaces, look, makeRays, type Pose, type Rays, type Thing, type View } from "./view.ts";

/** How fast a head sways, radians a second: a movement of `speed` at most goes to and fro with it. */
const SWAY = 2.5;
/** A view serves until the head is so far from where it was made, mm; nearer, its change is linear. */
const SERVES_MM = 0.6;
/** Distance over which a turn moves the face, mm. */
const LEVER_MM = 90;

/** What lies before a module while one subject is there. */
export class Scene {
  readonly #unit: Unit;
  readonly #presentation: Presentation;
  readonly #meshes: readonly Mesh[];
  readonly #rays: Rays;
  readonly #places: Float32Array;
  #view: View | undefined;
  #madeAt = 0;

  /** @param meshes the head, or what stands in its place, and the second head if there is one; none before an empty wall */
  constructor(unit: Unit, meshes: readonly Mesh[], presentation: Presentation) {
    this.#unit = unit;
    this.#presentation = presentation;
    this.#meshes = meshes;
    this.#rays = makeRays(unit);
    this.#places = new Float32Array(unit.width * unit.height);
  }

  /** True depth at each pixel, mm, at a time of `seconds` since the presentation began; walls count. */
  depth(seconds = 0): Float32Array {
    this.#prepare(seconds);
    return (this.#view as View).depth.slice();
  }

  /**
   * Takes one 8-bit picture, row-major.
   * @param seconds since the presentation began @param shot number of the picture, which sets its noise apart
   */
  take(
    pattern: FringePattern | undefined,
    { level, gain }: Pick<Exposure, "level" | "gain">,
    seconds: number,
    shot: number,
  ): Uint8Array {
    const p = this.#presentation;
    const moved = this.#prepare(seconds);
    const view = this.#view as View;
    fringePlaces(this.#unit, this.#rays, view, moved, this.#places);
    const seed = childSeed(p.seed, `picture ${shot}`);
    return takePicture(this.#unit, view, this.#places, {
      pattern,
      level,
      gain: gain * p.exposure,
      ambient: p.ambient,
      seed,
    });
  }

  /** Makes the view anew if the one there is no longer serves. Returns how far the head has moved since it was made, mm. */
  #prepare(seconds: number): [x: number, y: number, z: number] {
    const { speed, turning } = this.#presentation;
    const since = sway(seconds) - sway(this.#madeAt);
    const moved = speed.map((v) => v * since) as [number, number, number];
    const far = Math.hypot(...moved) + Math.abs(turning * since) * LEVER_MM;
    if (this.#view && far <= SERVES_MM) return moved;
    this.#madeAt = seconds;
    this.#view = look(this.#unit, this.#rays, this.#things(sway(seconds)), this.#presentation.wall);
    return [0, 0, 0];
  }

  #things(at: number): Thing[] {
    const p = this.#presentation;
    return this.#meshes.map((mesh, i) => {
      const pose: Pose = {
        x: p.x + (i > 0 ? (p.second?.x ?? 0) : 0) + p.speed[0] * at,
        y: p.y + p.speed[1] * at,
        z: p.z + p.speed[2] * at,
        yaw: p.yaw + p.turning * at,
        pitch: p.pitch,
        roll: p.roll,
      };
      return { mesh, pose };
    });
  }
}

/** Seconds of movement at full speed that the sway amounts to. */
function sway(seconds: number): number {
  return Math.sin(SWAY * seconds) / SWAY;
}

/** Time between the pictures of a stack unless said otherwise, seconds: 60 a second. */
export const INTERVAL_S = 1 / 60;

/** Presentation number `presentation` of a person. */
export function presentationOf(person: number, presentation: number, flaw?: Flaw): Presentation {
  return makePresentation(childSeed(childSeed(presentation, "face"), `person ${person}`), flaw);
}

/** A whole stack, the presentation's `nth` from 0 on, as the simulated module takes it with its default settings: one picture a pattern. */
export function takeStack(scene: Scene, patterns: readonly FringePattern[], p: Presentation, nth = 0): Uint8Array[] {
  return patterns.map((_, k) => {
    const shot = nth * patterns.length + k;
    return takeOf(scene, patterns, k, p, { level: 1, gain: 1 }, shot * INTERVAL_S, shot);
  });
}

/** Picture `k` of a stack, with the projector's faults that the presentation asks for. */
export function takeOf(
  scene: Scene,
  patterns: readonly (FringePattern | undefined)[],
  k: number,
  { dark, doubled }: Presentation,
  exposure: Pick<Exposure, "level" | "gain">,
  seconds: number,
  shot: number,
): Uint8Array {
  const pattern = patterns[doubled === k ? k - 1 : k];
  return scene.take(pattern, dark === k ? { ...exposure, level: 0 } : exposure, seconds, shot);
}
