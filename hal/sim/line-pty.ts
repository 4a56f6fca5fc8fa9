// A virtual serial line of two pseudo terminals joined by socat(1).
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { createInterface } from "node:readline";
import { SensorError } from "../errors.ts";
import { type OpenPort, openPort } from "../protocol/port.ts";
import type { VirtualLine } from "./line.ts";

/**
 * socat does not notice when both its terminals' users are gone, so it is ended: a watcher waits for the end of standard input, which
 * comes when the line is closed and also when this process dies, however it does. By SIGKILL, since socat only notes any other signal
 * and looks at its note when something wakes it: one that comes just before it waits on an idle line is forgotten.
 */
const WATCHED_SOCAT = "exec 3<&0; (read -r _ <&3; kill -9 $$) & exec socat -d -d pty,raw,echo=0 pty,raw,echo=0 3<&-";

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
  const socat = spawn("sh", ["-c", WATCHED_SOCAT], { stdio: ["pipe", "ignore", "pipe"] });
  const [near, farPath] = await readPaths(socat);
  // A terminal hangs up when its last user closes it; this one stays, so that drivers can come and go.
  const keep = openSync(near, constants.O_RDWR | constants.O_NOCTTY);
  let far: OpenPort;
  try {
    far = await openPort(farPath);
  } catch (error) {
    closeSync(keep);
    socat.stdin.end();
    throw error;
  }
  // A pulled cable is what the line is for; whoever reads the far end sees its close.
  far.stream.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => socat.once("exit", () => resolve()));
  const unplug = (): Promise<void> => {
    socat.stdin.end();
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
