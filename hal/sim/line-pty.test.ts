// The pty line's end: whatever socat is doing then, it goes, and whoever waits for that goes on.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { hasSocat, openPtyLine } from "./line-pty.ts";

/** Processes of this one's that are socat, newest last. */
function socats(): number[] {
  const all = execFileSync("ps", ["-o", "pid=,comm=", "--ppid", String(process.pid)], { encoding: "utf8" });
  return all.split("\n").flatMap((line) => (line.endsWith("socat") ? [Number.parseInt(line, 10)] : []));
}

const possible = hasSocat() && existsSync("/proc/self/stat");

// socat puts a SIGTERM off until it is woken by something else: if one comes just before it waits, for ever on an idle line. A stopped
// one puts it off for certain.
test.skipIf(!possible)(
  `closes although socat does not act on SIGTERM${possible ? "" : " (skipped: no socat, or not Linux)"}`,
  async () => {
    const line = await openPtyLine();
    const pid = socats().at(-1) as number;
    process.kill(pid, "SIGSTOP");
    try {
      await line.close();
      expect(socats()).not.toContain(pid);
    } finally {
      if (socats().includes(pid)) process.kill(pid, "SIGKILL");
    }
  },
  3000,
);
