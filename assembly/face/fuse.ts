// Frames of one capture, taken one after another of a face that holds still: each is laid on what there is (match.ts), and the templates are
// averaged cell by cell, so that noise falls and holes close. What is not like those before it is not fused: who moved would blur both.
//
// A capture is CAPTURE_BYTES: a template (encode.ts), then for each of its cells in how many frames it was known (u8). Zeroed, it has none.
import { moveTo, POSE_BYTES } from "./align";
import { ABSENT, codeOf, FIELD, HEAD_BYTES, inField, PER_MM, qualityOf, TEMPLATE_BYTES } from "./encode";
import { lay, MEAN, meet, metOff, POSE, SECOND } from "./match";
import { CELLS, xOf, yOf } from "./surface";

export const CAPTURE_BYTES: i32 = TEMPLATE_BYTES + ((FIELD + 7) & ~7);
const COUNTS: usize = TEMPLATE_BYTES as usize;
/** A point of work space, which the alignment does not need any more. */
const POINT: usize = POSE + (POSE_BYTES as usize);

/** What may remain between frames of one capture: rendered heads come to 0.15, taken anew to 0.3 (median) and 0.9, strangers to 1.1 at least. */
const MOST: f32 = 0.8;
/** A cell counts where the nearest of the other frame is known. */
const KNOWN: f32 = 0.5;

/**
 * Adds the template of a frame to a capture; the first one is taken as it is. The quality is that of the best. `work`: MATCH_BYTES. Returns false where
 * the frame is not of the same presentation: then the capture is as it was.
 */
export function fuse(capture: usize, frame: usize, work: usize): bool {
  const first = load<u8>(capture) == 0;
  if (first) memory.copy(capture, frame, TEMPLATE_BYTES as usize);
  else if (!(lay(capture, frame, work) <= MOST)) return false;
  store<u8>(capture, max(qualityOf(capture), qualityOf(frame)) as u8, 1);
  const point = work + POINT;
  let cell = capture + (HEAD_BYTES as usize);
  let times = capture + COUNTS;
  for (let n = 0; n < CELLS; n++) {
    if (!inField(n)) continue;
    const code = load<i8>(cell) as i32;
    let many: f32 = load<u8>(times);
    if (first) many = code == ABSENT ? 0 : 1;
    else {
      const z = load<f32>(work + ((n as usize) << 2));
      store<f32>(point, xOf(n));
      store<f32>(point, yOf(n), 4);
      store<f32>(point, z, 8);
      moveTo(work + POSE, point);
      if (meet(work + SECOND, KNOWN)) {
        const other = z - metOff - load<f32>(work + MEAN + ((n as usize) << 2));
        store<i8>(cell, codeOf(((many * (code as f32)) / PER_MM + other) / (many + 1)) as i8);
        many++;
      }
    }
    store<u8>(times, many as u8);
    cell++;
    times++;
  }
  return true;
}
