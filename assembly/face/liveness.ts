// Liveness of a face: no term is measured yet, so records say that it was not judged.

/** The raw liveness term of the last extraction, millibits; -1: not measured. */
export function livenessTerm(): i32 {
  return -1;
}
