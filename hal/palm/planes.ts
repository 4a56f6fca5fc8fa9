// Light of one band alone: an exposure under a band's LED without what ambient light gave, pixel by pixel.

/** The highest value of an 8-bit pixel, which also says "saturated". */
const FULL = 255;

/**
 * Writes `lit - ambient` into `plane`, scaled to 8 bits and never below 0. A pixel that is saturated in either exposure becomes 255:
 * its light is not known, and a difference would hide that.
 * @param lit @param ambient pixels of `bits` each (8, or 9..16 in two bytes, little-endian) @param plane one byte a pixel
 */
export function subtractAmbient(lit: Uint8Array, ambient: Uint8Array, bits: number, plane: Uint8Array): void {
  const wide = bits > 8;
  const full = 2 ** bits - 1;
  const shift = bits - 8;
  for (let i = 0; i < plane.length; i++) {
    const a = wide ? lit[2 * i]! | (lit[2 * i + 1]! << 8) : lit[i]!;
    const b = wide ? ambient[2 * i]! | (ambient[2 * i + 1]! << 8) : ambient[i]!;
    plane[i] = a >= full || b >= full ? FULL : Math.max(0, a - b) >> shift;
  }
}
