// A key in a file that others may read is no secret: said, not refused, since some systems know no owners.
import { statSync } from "node:fs";
import { isPkcs11 } from "../image/hsm.ts";
import type { Output } from "./output.ts";

/** Notes that a private key's file may be read by others than its owner. */
export function warnReadable(path: string | undefined, output: Pick<Output, "note">): void {
  if (path === undefined || isPkcs11(path) || process.platform === "win32") return;
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o044) !== 0)
    output.note(`warning: others than its owner may read the private key in ${path}: chmod 600 ${path}`);
}
