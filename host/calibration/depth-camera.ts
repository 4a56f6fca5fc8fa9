// A camera that gives depth itself, as sensor.json declares it: its geometry, and what a unit of its pictures is.
import { EXIT, KanmonError } from "../errors.ts";
import type { Geometry } from "./document.ts";

/** What is needed of sensor.json. */
export interface DepthSensor {
  readonly kind?: string | undefined;
  readonly unit_mm?: number | undefined;
  readonly fx?: number | undefined;
  readonly fy?: number | undefined;
  readonly cx?: number | undefined;
  readonly cy?: number | undefined;
  readonly k1?: number | undefined;
  readonly k2?: number | undefined;
  readonly nearest_mm?: number | undefined;
  readonly farthest_mm?: number | undefined;
}

export interface DepthCamera {
  readonly geometry: Geometry;
  /** Millimetres of a pixel's unit. */
  readonly unitMm: number;
}

const NONE: Geometry["a"] = [0, 0, 0, 0];
/** Faces are nearer than a room's other end, mm; for sensors that say no range. */
const [NEAREST, FARTHEST] = [150, 2000];

/** The camera that `sensor` declares; `name` is what errors call its file. Throws KAN-SENSOR-FORMAT where something is missing. */
export function depthCamera(name: string, sensor: DepthSensor | undefined): DepthCamera {
  const { kind, unit_mm, fx, fy, cx, cy, k1 = 0, k2 = 0, nearest_mm = NEAREST, farthest_mm = FARTHEST } = sensor ?? {};
  const needed = { kind, unit_mm, fx, fy, cx, cy };
  const missing = Object.entries(needed).filter(([, value]) => value === undefined);
  if (
    kind !== "depth" ||
    unit_mm === undefined ||
    fx === undefined ||
    fy === undefined ||
    cx === undefined ||
    cy === undefined
  )
    throw new KanmonError(
      "KAN-SENSOR-FORMAT",
      `${name}: ${sensor ? "" : "is not there; "}faces need ${missing.map(([key]) => key).join(", ") || 'kind "depth"'} of their depth sensor`,
      'For example {"modality": "face", "kind": "depth", "unit_mm": 1, "fx": 400, "fy": 400, "cx": 159.5, "cy": 119.5}.',
      EXIT.input,
    );
  return { geometry: { fx, fy, cx, cy, k1, k2, a: NONE, b: NONE, nearest_mm, farthest_mm }, unitMm: unit_mm };
}
