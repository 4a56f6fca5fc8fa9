// The exports of the image: what a runner calls. Lab exports are the evaluation's; the link cannot reach them.
import { INPUT, linkPump, linkReceive, linkServe } from "./link/link";
import { onMessage } from "./session/commands";
import { deviceStart } from "./session/device";
import { sessionTick } from "./session/session";
import { journalScrub } from "./store/journal";

export {
  lab_calibrate,
  lab_compare,
  lab_extract,
  lab_feed,
  lab_frame,
  lab_fuse,
  lab_measured,
  lab_quality,
  lab_step,
  lab_template,
  lab_template_bytes,
  lab_view,
  lab_view_bytes,
} from "./lab";
export { lab_depth, lab_fringe_row, lab_fringes, lab_fringes_end, lab_fringes_view } from "./lab-fringes";
export { lab_entropy, lab_evidence } from "./lab-liveness";
export { sha256 as lab_sha256 } from "./pec/sha256";

/**
 * Starts the device: once, before anything else. `journal`, `sector`, `unit`: the journal partition's size, erase sector and write
 * unit, bytes. Returns 0 ready, or the state (session/device.ts) in which only info is answered.
 */
export function start(journal: u32, sector: u32, unit: u32): i32 {
  linkServe(onMessage);
  return deviceStart(journal, sector, unit);
}

/** Where the runner puts bytes from the line: 4,096 at most. */
export function receive_buffer(): usize {
  return INPUT;
}

/** Takes `length` bytes from the receive buffer. Frames are extracted and decisions made within this call. */
export function receive(length: i32): void {
  sessionTick();
  linkReceive(INPUT, min(max(length, 0), 4096));
}

/**
 * Ends a session whose host went away and sends what waits; with nothing to send, erases one block of what was deleted when the
 * power went. To be called after `receive`, whenever the line can take more, and now and then. Returns 1 while there is more to do.
 */
export function poll(): i32 {
  sessionTick();
  return linkPump() || journalScrub() > 0 ? 1 : 0;
}
