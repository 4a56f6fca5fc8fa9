// Why a port does not open, in our words: never the library's.
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openSerial, portFault } from "./serial.ts";

it.each([
  ["Error: No such file or directory, cannot open /dev/ttyACM0", "does not exist"],
  ["Opening COM3: File not found", "does not exist"],
  ["Error Resource temporarily unavailable Cannot lock port", "is held by another program"],
  ["Error: Device or resource busy, cannot open /dev/ttyACM0", "is held by another program"],
  ["Error: Permission denied, cannot open /dev/ttyACM0", "may not be opened by this user"],
  ["Error: Inappropriate ioctl for device setting custom baud rate of 115200", "is not a serial port"],
  ["Error: Is a directory, cannot open /tmp", "is not a serial port"],
  ["Error: Something new", "cannot be opened"],
])("%s: it %s", (said, what) => expect(portFault(said)[0]).toBe(what));

it("names the path and the fault", async () => {
  const folder = await mkdtemp(join(tmpdir(), "kanmon-serial-"));
  const file = join(folder, "file");
  writeFileSync(file, "");
  const code = "KAN-PORT-OPEN";
  try {
    await expect(openSerial(join(folder, "none"), 115_200)).rejects.toMatchObject({
      code,
      message: `the port ${join(folder, "none")} does not exist`,
    });
    await expect(openSerial(file, 115_200)).rejects.toMatchObject({ code, message: `${file} is not a serial port` });
  } finally {
    await rm(folder, { recursive: true });
  }
});
