// What the device says of images that it does not take: result codes of SMP group 1 (assembly/update/rc.ts; Zephyr, img_mgmt.h), with help.
import { EXIT } from "../errors.ts";
import type { Meaning } from "./errors.ts";

/** Result codes of group 1 that the host looks for. */
export const IMAGE_RC = { hashNotFound: 8, noFreeSlot: 9, downgrade: 27 } as const;

const ANOTHER = "Take the file from where it was signed; `kanmon image verify` tells more.";

function no(code: `KAN-FLASH-${string}`, message: string, help: string): Meaning {
  return { code, message, help, exit: EXIT.no };
}
const storage: Meaning = {
  code: "KAN-FLASH-STORAGE",
  message: "the device's flash failed",
  help: "Try again; if it stays so, the flash is worn out or damaged. The image that ran still boots.",
};
const request: Meaning = {
  code: "KAN-FLASH-REQUEST",
  message: "the device does not understand a request about images",
  help: "Use the same version of kanmon for the host and the image.",
};
const format = no("KAN-FLASH-FORMAT", "what came is not a signed image", ANOTHER);
const size = no(
  "KAN-FLASH-SIZE",
  "the image is too large for the slot or for the board's memory",
  "Build a smaller image.",
);
const running: Meaning = {
  code: "KAN-FLASH-RUNNING",
  message: "the image that runs, or is confirmed, cannot be tried, written or erased",
  help: "Look at `kanmon monitor --port …`: an image on trial is confirmed or left before another comes.",
};

export const IMAGE_MEANINGS: Readonly<Record<number, Meaning>> = {
  1: request,
  3: no("KAN-FLASH-EMPTY", "the slot holds no image", "Send the image first: `kanmon flash IMAGE.bin`."),
  5: no("KAN-FLASH-SIGNATURE", "the image's signature, or its key, is not one that this board takes", ANOTHER),
  8: no("KAN-FLASH-ABSENT", "the device holds no image with that hash", "Send it first: `kanmon flash IMAGE.bin`."),
  9: {
    code: "KAN-FLASH-SLOT",
    message: "the device has no free slot: one image runs on trial, the other is confirmed",
    help: "Confirm the image on trial, or restart the device, which then goes back to the confirmed one.",
  },
  11: storage,
  12: storage,
  13: storage,
  14: { ...request, message: "the device has no such slot" },
  20: request,
  21: request,
  22: format,
  23: format,
  24: no("KAN-FLASH-HASH", "the image's content is not what was signed, or not what was announced", ANOTHER),
  27: no(
    "KAN-FLASH-DOWNGRADE",
    "the image's security counter is below the lowest that this board boots",
    "An older image has holes that a newer one closed: send a newer one.",
  ),
  28: running,
  30: size,
  31: request,
  32: running,
  33: running,
  64: no(
    "KAN-FLASH-KEY",
    "the image is signed with a key that this board does not know",
    "Sign it with a key whose public half was built into the board's firmware.",
  ),
  65: no("KAN-FLASH-SIGNATURE", "the image's signature is wrong", ANOTHER),
  66: no(
    "KAN-FLASH-ENGINE",
    "the board's firmware has another image compiled in (AOT) and runs no other",
    "Build and program the firmware for this image, or use the wasm3 firmware.",
  ),
};
