// What the device does with a message: finds the group and the command. A reader that is not ready answers who it is, and no more.
import { cborIsMap } from "../link/cbor";
import { osMessage } from "../link/os";
import {
  GROUP_IMAGE,
  GROUP_KANMON,
  GROUP_OS,
  MGMT_ERR_EINVAL,
  MGMT_ERR_ENOTSUP,
  OP_READ,
  OP_WRITE,
  SMP_HEADER_BYTES,
  smpGroup,
  smpId,
  smpOperation,
  smpStatus,
  smpTake,
} from "../link/smp";
import { imageMessage } from "../update/image";
import { deleteReference, exportReference, listReferences, rotateKeys } from "./admin";
import { abortSession, finishSession, openSession, takeFrame } from "./capture";
import { deviceState, NO_POLICY, READY } from "./device";
import { showCalibration, showLiveness, showPolicy, takeCalibration, takeLiveness, takePolicy } from "./documents";
import { fail } from "./fields";
import { RC_NOT_READY } from "./rc";
import { attest, checkpoint, info, readLog, releaseLog } from "./status";

const INFO: i32 = 0;
const POLICY: i32 = 1;
const OPEN: i32 = 2;
const FRAME: i32 = 3;
const FINISH: i32 = 4;
const ABORT: i32 = 5;
const TEMPLATES: i32 = 6;
const EXPORT: i32 = 7;
const LOG: i32 = 8;
const CHECKPOINT: i32 = 9;
const ATTEST: i32 = 10;
const ROTATE: i32 = 11;
const CALIBRATION: i32 = 12;
const LIVENESS: i32 = 13;

/** Answers the SMP message of `length` bytes at `message`, in the framing it came in. See linkServe. */
export function onMessage(message: usize, length: i32, framing: i32): void {
  if (!smpTake(message)) return;
  const map = message + <usize>SMP_HEADER_BYTES;
  const end = message + <usize>length;
  if (map < end && !cborIsMap(map, end)) return smpStatus(MGMT_ERR_EINVAL, framing);
  if (smpGroup == GROUP_OS) return osMessage(map, end, framing);
  if (smpGroup == GROUP_IMAGE) return imageMessage(map, end, framing);
  if (smpGroup != GROUP_KANMON) return smpStatus(MGMT_ERR_ENOTSUP, framing);
  if (smpId == INFO && smpOperation == OP_READ) return info(framing);
  const policySet = smpId == POLICY && smpOperation == OP_WRITE;
  if (deviceState() != READY && !(policySet && deviceState() == NO_POLICY)) return fail(RC_NOT_READY, framing);
  if (smpOperation == OP_READ) onRead(map, end, framing);
  else if (smpOperation == OP_WRITE) onWrite(map, end, framing);
  else smpStatus(MGMT_ERR_ENOTSUP, framing);
}

function onRead(map: usize, end: usize, framing: i32): void {
  if (smpId == POLICY) showPolicy(framing);
  else if (smpId == TEMPLATES) listReferences(map, end, framing);
  else if (smpId == LOG) readLog(map, end, framing);
  else if (smpId == CHECKPOINT) checkpoint(framing);
  else if (smpId == CALIBRATION) showCalibration(framing);
  else if (smpId == LIVENESS) showLiveness(map, end, framing);
  else smpStatus(MGMT_ERR_ENOTSUP, framing);
}

function onWrite(map: usize, end: usize, framing: i32): void {
  if (smpId == FRAME) takeFrame(map, end, framing);
  else if (smpId == OPEN) openSession(map, end, framing);
  else if (smpId == FINISH) finishSession(map, end, framing);
  else if (smpId == ABORT) abortSession(map, end, framing);
  else if (smpId == POLICY) takePolicy(map, end, framing);
  else if (smpId == TEMPLATES) deleteReference(map, end, framing);
  else if (smpId == EXPORT) exportReference(map, end, framing);
  else if (smpId == LOG) releaseLog(map, end, framing);
  else if (smpId == ATTEST) attest(map, end, framing);
  else if (smpId == ROTATE) rotateKeys(map, end, framing);
  else if (smpId == CALIBRATION) takeCalibration(map, end, framing);
  else if (smpId == LIVENESS) takeLiveness(map, end, framing);
  else smpStatus(MGMT_ERR_ENOTSUP, framing);
}
