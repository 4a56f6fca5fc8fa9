// Which triangle each pixel sees: a z-buffer over 1/Z, which is linear in the picture.

/** Vertices as a viewer sees them: pixels, and 1/Z (0: behind it). */
export interface Seen {
  readonly px: Float32Array;
  readonly py: Float32Array;
  readonly near: Float32Array;
}

/** What a viewer's pixels see. */
export interface Coverage {
  readonly width: number;
  readonly height: number;
  /** 1/Z of the nearest surface; 0: none. */
  readonly near: Float32Array;
  /** Number of the triangle's first corner in the mesh's list; -1: none. */
  readonly triangle: Int32Array;
}

export function makeCoverage(width: number, height: number): Coverage {
  return {
    width,
    height,
    near: new Float32Array(width * height),
    triangle: new Int32Array(width * height).fill(-1),
  };
}

/** Draws triangles, also those seen from behind, into the coverage. */
export function cover(into: Coverage, { px, py, near }: Seen, triangles: Uint32Array): void {
  const { width, height } = into;
  for (let t = 0; t < triangles.length; t += 3) {
    const a = triangles[t]!;
    const b = triangles[t + 1]!;
    const c = triangles[t + 2]!;
    const na = near[a]!;
    const nb = near[b]!;
    const nc = near[c]!;
    if (na <= 0 || nb <= 0 || nc <= 0) continue;
    const ax = px[a]!;
    const ay = py[a]!;
    const abx = px[b]! - ax;
    const aby = py[b]! - ay;
    const acx = px[c]! - ax;
    const acy = py[c]! - ay;
    const area = abx * acy - aby * acx;
    if (area === 0) continue;
    const left = Math.max(0, Math.ceil(ax + Math.min(0, abx, acx)));
    const right = Math.min(width - 1, Math.floor(ax + Math.max(0, abx, acx)));
    const top = Math.max(0, Math.ceil(ay + Math.min(0, aby, acy)));
    const bottom = Math.min(height - 1, Math.floor(ay + Math.max(0, aby, acy)));
    const scale = 1 / area;
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const dx = x - ax;
        const dy = y - ay;
        const wb = (dx * acy - dy * acx) * scale;
        const wc = (dy * abx - dx * aby) * scale;
        if (wb < -1e-6 || wc < -1e-6 || wb + wc > 1 + 1e-6) continue;
        const z = na + wb * (nb - na) + wc * (nc - na);
        const i = y * width + x;
        if (z <= into.near[i]!) continue;
        into.near[i] = z;
        into.triangle[i] = t;
      }
    }
  }
}
