// A virtual serial line of two pseudo terminals joined by socat(1).
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { createInterface } from "node:readline";
import { SensorError } from "../errors.ts";
import { type OpenPort, openPort } from "../protocol/port.ts";
import type { VirtualLine } from "./line.ts";

let found: boolean | undefined;

/** Whether this machine has socat (looked for once). */
export function hasSocat(): boolean {
  found ??= process.platform !== "win32" && spawnSync("socat", ["-V"], { stdio: "ignore" }).status === 0;
  return found;
}

/** The two paths that socat announces on its standard error. */
function readPaths(socat: ChildProcess): Promise<[string, string]> {
  return new Promise((resolve, reject) => {
    const paths: string[] = [];
    const fail = (why: string) =>
      reject(new SensorError("KAN-SENSOR-OPEN", `cannot make a virtual serial line with socat: ${why}`));
    socat.on("error", (error) => fail(error.message));
    socat.on("exit", (code) => fail(`it ended with status ${code}`));
    createInterface({ input: socat.stderr as NodeJS.ReadableStream }).on("line", (line) => {
      const path = /PTY is (\S+)/.exec(line)?.[1];
      if (path) paths.push(path);
      if (paths.length === 2) resolve(paths as [string, string]);
    });
  });
}

/** Makes a pty line. Raises KAN-SENSOR-OPEN. */
export async function openPtyLine(): Promise<VirtualLine> {
  const socat = spawn("socat", ["-d", "-d", "pty,raw,echo=0", "pty,raw,echo=0"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [near, farPath] = await readPaths(socat);
  // socat would end with the first close of an end; holding the near end open lets drivers come and go.
  const keep = openSync(near, constants.O_RDWR | constants.O_NOCTTY);
  let far: OpenPort;
  try {
    far = await openPort(farPath);
  } catch (error) {
    closeSync(keep);
    socat.kill();
    throw error;
  }
  // A pulled cable is what the line is for; whoever reads the far end sees its close.
  far.stream.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => socat.once("exit", () => resolve()));
  const unplug = (): Promise<void> => {
    socat.kill();
    return ended;
  };
  let closed = false;
  return {
    kind: "pty",
    path: near,
    far: far.stream,
    open: () => openPort(near),
    unplug,
    async close() {
      if (closed) return;
      closed = true;
      await far.close();
      closeSync(keep);
      await unplug();
    },
  };
}
