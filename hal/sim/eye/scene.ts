// Shades one eye into a linear-light picture (grey levels, not yet limited to 0..255): skin and folds, sclera, iris, pupil, the
// corneal reflections of the two LEDs, lashes. Each pixel is shaded once; edges are softened over a pixel instead of supersampling.
import type { EyeAnatomy } from "./anatomy.ts";
import { drawLashes } from "./lashes.ts";
import { lidIndex, makePose, type Pose } from "./pose.ts";
import type { Presentation } from "./presentation.ts";
import { childSeed } from "./random.ts";
import { skinTile, TILE_SIDE } from "./skin.ts";
import { readSheet } from "./texture.ts";

/** Drive of the two LEDs, left and right of the lens as seen in the image; 1 is the intended level. */
export interface Light {
  readonly left: number;
  readonly right: number;
}

const PUPIL_GREY = 24;
const LASH_GREY = 42;
const GLINT_GREY = 620;
const GLINT_RADIUS = 0.05;
// Where the cornea mirrors an LED, in iris radii from the iris's centre (Purkinje image I, for LEDs beside the lens).
const GLINTS = [
  { channel: "left", x: -0.13, y: 0.03 },
  { channel: "right", x: 0.13, y: 0.03 },
] as const;

const smooth = (low: number, high: number, x: number): number => {
  const t = x <= low ? 0 : x >= high ? 1 : (x - low) / (high - low);
  return t * t * (3 - 2 * t);
};
/** A soft bump of height 1 about 0; nothing beyond three widths. */
const bump = (d: number, width: number): number => {
  const t = d / width;
  return t > 3 || t < -3 ? 0 : Math.exp(-t * t);
};

/** Shades the iris plane: grey at (x, y) iris radii from the iris's centre, and how far the sclera shows through (0..1). */
function makeIrisShader(
  eye: EyeAnatomy,
  p: Presentation,
  pixel: number,
): (x: number, y: number, out: Float64Array) => void {
  const { pupil, iris, sheet } = eye;
  const radius = Math.min(0.62, Math.max(0.2, pupil.radius * p.dilation));
  const [a2, b2, a3, b3, a4, b4] = pupil.outline as [number, number, number, number, number, number];
  const torsion = p.torsion / (2 * Math.PI);
  const edge = Math.max(0.012, 0.7 * pixel);
  const rim = Math.max(iris.limbus, 0.8 * pixel);
  // Tissue near the pupil is stretched more than the rubber sheet says (Wyatt 2000); a small bend of the radius says so.
  const bend = 0.12 * (p.dilation - 1);
  return (x, y, out) => {
    let rho = 0.5;
    let angle = 0;
    let inner = radius;
    let distance = 0;
    // Invert x(rho, angle) = (1 - rho) * pupil + rho * limbus; centres are close, so this settles in a few rounds.
    for (let round = 0; round < 3; round++) {
      const dx = x - (1 - rho) * pupil.x;
      const dy = (y - (1 - rho) * pupil.y) / iris.aspect;
      distance = Math.sqrt(dx * dx + dy * dy);
      angle = Math.atan2(dy, dx);
      const c = dx / (distance + 1e-9);
      const s = dy / (distance + 1e-9);
      const c2 = c * c - s * s;
      const s2 = 2 * s * c;
      inner =
        radius *
        (1 +
          a2 * c2 +
          b2 * s2 +
          a3 * (c2 * c - s2 * s) +
          b3 * (s2 * c + c2 * s) +
          a4 * (c2 * c2 - s2 * s2) +
          b4 * 2 * s2 * c2);
      rho = Math.min(Math.max((distance - inner) / (1 - inner), 0), 1.2);
    }
    const r = rho + bend * rho * (1 - rho);
    const relief = 1 + iris.contrast * readSheet(sheet, angle / (2 * Math.PI) - torsion, Math.min(r, 1));
    const dark = 1 - smooth(-edge, edge, distance - inner);
    out[0] = iris.grey * relief * (1 - dark) + PUPIL_GREY * dark;
    out[1] = smooth(1 - rim, 1 + rim, inner + rho * (1 - inner));
  };
}

/** Skin at a head position; du, dl: distances from the lid margins (positive inside the opening). */
function shadeSkin(
  eye: EyeAnatomy,
  du: number,
  dl: number,
  hx: number,
  hy: number,
  relief: number,
  fine: number,
): number {
  const { lids } = eye;
  let grey = eye.skin * (1 + 0.03 * relief);
  if (fine > 1.7) grey += 9 * (fine - 1.7);
  // The margins end at the corners; what they shade fades out there.
  const along = smooth(-0.35, 0.25, hx - lids.outer[0]) * smooth(-0.2, 0.3, lids.inner[0] - hx);
  if (du <= dl) {
    // Above: row of lash roots, the lid's roundness, the crease, the hollow under the brow.
    const crease = lids.crease * (0.35 + 0.65 * along);
    const fold = 0.07 * bump(du + 0.18, 0.13) - lids.creaseDepth * bump(du + crease, 0.045);
    grey *= 1 + along * (fold - 0.42 * bump(du, 0.05)) - (0.03 + 0.07 * along) * bump(du + crease + 0.5, 0.4);
  }
  if (dl < du) {
    // Below: the wet margin, then the fold under the eye.
    const fold = 0.1 * bump(dl + 0.02, 0.035) - 0.14 * bump(dl + 0.1, 0.05) - 0.06 * bump(dl + 0.75, 0.25);
    grey *= 1 + along * fold;
  }
  // The hollow beside the nose.
  return grey * (1 - 0.12 * bump(Math.sqrt((hx - 2.9) ** 2 + (hy + 0.4) ** 2), 1.1));
}

function shadeScene(
  out: Float32Array,
  eye: EyeAnatomy,
  p: Presentation,
  pose: Pose,
  light: Light,
  width: number,
  height: number,
): void {
  const tile = skinTile();
  const offset = childSeed(eye.seed, "skin") & 0xffff;
  const pixel = 1 / pose.scale;
  const soft = Math.max(0.012, 0.6 * pixel);
  const shadeIris = makeIrisShader(eye, p, pixel);
  const iris = new Float64Array(2);
  const [innerX, innerY] = eye.lids.inner;
  const tileScale = TILE_SIDE / 3.2;
  for (let y = 0; y < height; y++) {
    const py = (y - pose.centreY) * pixel;
    for (let x = 0; x < width; x++) {
      const px = (x - pose.centreX) * pixel;
      const hx = (pose.cos * px + pose.sin * py) * pose.mirror;
      const hy = pose.cos * py - pose.sin * px;
      const tx = (hx * tileScale + offset) & (TILE_SIDE - 1);
      const ty = (hy * tileScale + (offset >> 8)) & (TILE_SIDE - 1);
      const relief = tile[ty * TILE_SIDE + tx]!;
      if (!p.present) {
        out[y * width + x] = eye.skin * (1 + 0.05 * relief - 0.1 * bump(hy - 0.8 - 0.3 * hx, 1.2));
        continue;
      }
      const k = lidIndex(hx);
      const du = (hy - pose.upper.height[k]!) * pose.upper.cosine[k]!;
      const dl = (pose.lower.height[k]! - hy) * pose.lower.cosine[k]!;
      const open = smooth(-soft, soft, du) * smooth(-soft, soft, dl);
      let grey = 0;
      if (open < 1) grey = (1 - open) * shadeSkin(eye, du, dl, hx, hy, relief, tile[tx * TILE_SIDE + ty]!);
      if (open > 0) {
        const ex = hx - pose.eyeX;
        const ey = hy - pose.eyeY;
        const r2 = ex * ex + ey * ey;
        let ball = eye.sclera * (1 - 0.045 * (hx * hx + hy * hy) + 0.025 * relief);
        // The caruncle fills the inner corner.
        const corner = Math.sqrt((hx - innerX + 0.18) ** 2 + (hy - innerY) ** 2);
        if (corner < 0.4) ball += (0.92 * eye.skin - ball) * bump(corner, 0.2) * (1 + 0.1 * relief);
        if (r2 < 1.4) {
          shadeIris(ex, ey, iris);
          ball = iris[0]! + (ball - iris[0]!) * iris[1]!;
          for (const g of GLINTS) {
            const d2 = ((ex * pose.mirror - g.x) ** 2 + (ey - g.y) ** 2) / GLINT_RADIUS ** 2;
            if (d2 < 4) ball += GLINT_GREY * light[g.channel] * Math.exp(-d2 * d2);
          }
        }
        // The upper lid and its lashes shade the ball; the tear film glistens along the lower lid.
        ball *= 1 - 0.38 * Math.exp(-du / 0.13) - 0.12 * Math.exp(-dl / 0.08);
        if (dl < 0.05 && relief > 1.3) ball += 170 * (relief - 1.3) * bump(dl - 0.015, 0.018);
        grey += open * ball;
      }
      out[y * width + x] = grey;
    }
  }
}

/** Linear-light picture of one eye under the given light, width x height, grey levels as floats. */
export function shade(eye: EyeAnatomy, p: Presentation, light: Light, width: number, height: number): Float32Array {
  const picture = new Float32Array(width * height);
  const pose = makePose(eye, p, width, height);
  shadeScene(picture, eye, p, pose, light, width, height);
  if (p.present) {
    const cover = drawLashes(eye, pose, p.seed, width, height);
    for (let i = 0; i < picture.length; i++) picture[i]! += (LASH_GREY - picture[i]!) * 0.92 * cover[i]!;
  }
  // The beam: falls off from the axis, and each LED lights its own side more.
  for (let y = 0; y < height; y++) {
    const v = (2 * y) / height - 1;
    for (let x = 0; x < width; x++) {
      const u = (2 * x) / width - 1;
      const beam = 1.06 - 0.1 * (u * u + v * v);
      picture[y * width + x]! *= beam * 0.5 * (light.left * (1 - 0.16 * u) + light.right * (1 + 0.16 * u));
    }
  }
  return picture;
}
