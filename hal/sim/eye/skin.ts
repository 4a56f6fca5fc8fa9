// Skin in near infrared: bright and smooth, with a fine relief. One tile of noise serves all faces, each reading it elsewhere.
import { makeTile } from "./noise.ts";
import { makeRandom } from "./random.ts";

export const TILE_SIDE = 256;
let tile: Float32Array | undefined;

/** The shared relief tile (made on first use): TILE_SIDE x TILE_SIDE, periodic, about N(0, 1). */
export function skinTile(): Float32Array {
  tile ??= makeTile(makeRandom(0x5c1), TILE_SIDE, [
    [7, 0.35],
    [19, 0.35],
    [50, 0.6],
    [110, 0.9],
  ]);
  return tile;
}
