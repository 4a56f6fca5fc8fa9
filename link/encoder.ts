// The way out: a message as the bytes that go on the line, in either framing. Both begin with what ends a frame or a line that
// was cut before: a zero in COBS, a zero and a line end for console lines, which every console reader skips as an empty line.
import { cobsBound, cobsEncode } from "./cobs.ts";
import { consoleLines } from "./console.ts";
import { CRC32_BYTES, crc32 } from "./crc32.ts";

export type Framing = "cobs" | "console";

/** Longest SMP message in bytes, header included, unless the device says otherwise. */
export const MESSAGE_BYTES = 4096;

/** `00 COBS(message ‖ CRC-32, little-endian) 00`, or console lines. */
export function frameMessage(message: Uint8Array, framing: Framing = "cobs"): Buffer {
  if (framing === "console") return Buffer.concat([Buffer.from("\0\n"), consoleLines(message)]);
  const checked = Buffer.allocUnsafe(message.length + CRC32_BYTES);
  checked.set(message);
  checked.writeUInt32LE(crc32(message), message.length);
  const line = Buffer.allocUnsafe(cobsBound(checked.length) + 2);
  line[0] = 0;
  const end = cobsEncode(checked, checked.length, line, 1);
  checked.fill(0); // it may hold pixels
  line[end] = 0;
  return line.subarray(0, end + 1);
}
