// CRC-32 of IEEE 802.3 (ISO-HDLC, as in zlib, Ethernet and PNG), which ends each COBS frame. The library's own is native.
import { crc32 as native } from "node:zlib";

/** Bytes of a CRC-32 on the line, little-endian. */
export const CRC32_BYTES = 4;

/** CRC-32 of `bytes`; `before` is the CRC of what came before, so that parts can be added one by one. */
export function crc32(bytes: Uint8Array, before = 0): number {
  return native(bytes, before);
}
