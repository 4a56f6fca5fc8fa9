// SHA-256 as the build writes it.
import { createHash } from "node:crypto";

/** In hexadecimal. */
export function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
