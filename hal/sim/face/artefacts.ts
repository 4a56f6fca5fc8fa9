// What an impostor may hold before a module: a face printed on paper, flat or bent, and a mask of one material. Vocabulary of ISO/IEC
// 30107: presentation attack instruments. They have the shape, or the look, and neither has skin.
import { gridMesh, joined, type Mesh, normalsOf } from "./mesh.ts";

/** Ink on paper lets little light wander; so does a mask's plastic. */
const PAPER_SCATTER = 0.08;
const MASK_SCATTER = 0.1;
const MASK_ALBEDO = 0.42;
/** Half width and half height of the paper, and the radius to which it is bent, mm. */
const PAPER = { half: 105, top: 150, bottom: -105 };
const BENT_MM = 90;

/** The head's look on a sheet where its nose was: flat, or bent about its upright. */
export function makePrint(head: Mesh, bent: boolean): Mesh {
  const behind = -15;
  const onSheet = (x: number): [x: number, z: number] =>
    bent ? [BENT_MM * Math.sin(x / BENT_MM), behind - BENT_MM * (1 - Math.cos(x / BENT_MM))] : [x, behind];
  const places = head.places.slice();
  const shades = head.shades.slice();
  for (let i = 0; i < places.length; i += 3) {
    // What lay in front stays in front by a hair, so that the nose covers the ear and not the other way round.
    const [x, z] = onSheet(places[i]!);
    const lift = 0.3 + Math.max(-0.2, places[i + 2]! / 1000);
    places[i] = x;
    places[i + 2] = z + lift;
    // A picture holds the shading that there was.
    const n = (2 * i) / 3;
    shades[n] = shades[n]! * Math.max(0.2, head.normals[i + 2]!);
    shades[n + 1] = PAPER_SCATTER;
  }
  const paper = gridMesh(60, 60, false, (column, row, at, i) => {
    const [x, z] = onSheet(PAPER.half * ((2 * column) / 59 - 1));
    at.set([x, PAPER.top + (PAPER.bottom - PAPER.top) * (row / 59), z], i);
    return [0.5, PAPER_SCATTER];
  });
  // Ink has no shape: its light is the sheet's.
  const normals = new Float32Array(places.length);
  for (let i = 0; i < places.length; i += 3) {
    const turn = bent ? Math.asin(Math.max(-1, Math.min(1, places[i]! / BENT_MM))) : 0;
    normals[i] = Math.sin(turn);
    normals[i + 2] = Math.cos(turn);
  }
  return joined([paper, { ...head, places, shades, normals }]);
}

/** The head's shape, 2 mm thicker, in one material. */
export function makeMask(head: Mesh): Mesh {
  const places = head.places.map((v, i) => v + 2 * head.normals[i]!);
  const shades = head.shades.map((_, i) => (i % 2 === 0 ? MASK_ALBEDO : MASK_SCATTER));
  return { ...head, places, shades, normals: normalsOf(places, head.triangles) };
}
