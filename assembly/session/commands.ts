// What the device does with a message: finds the group, answers what no group knows.
import { cborIsMap } from "../link/cbor";
import { osMessage } from "../link/os";
import {
  GROUP_OS,
  MGMT_ERR_EINVAL,
  MGMT_ERR_ENOTSUP,
  SMP_HEADER_BYTES,
  smpGroup,
  smpStatus,
  smpTake,
} from "../link/smp";

/** Answers the SMP message of `length` bytes at `message`, in the framing it came in. Called by the link's decoder. */
export function onMessage(message: usize, length: i32, framing: i32): void {
  if (!smpTake(message)) return;
  const map = message + <usize>SMP_HEADER_BYTES;
  const end = message + <usize>length;
  if (map < end && !cborIsMap(map, end)) return smpStatus(MGMT_ERR_EINVAL, framing);
  if (smpGroup == GROUP_OS) osMessage(map, end, framing);
  else smpStatus(MGMT_ERR_ENOTSUP, framing);
}
