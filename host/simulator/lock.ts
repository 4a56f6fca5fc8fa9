// One process at a time on a state folder: a lock file that names its owner, so that one left by a process that died is
// recognised and taken over.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { EXIT, KanmonError } from "../errors.ts";

const held = new Set<string>();

/** Takes the lock, or throws `KAN-STATE-LOCKED`. Returns the function that gives it back. */
export function takeLock(path: string): () => void {
  const own = `${process.pid} ${started(process.pid)} ${hostname()}\n`;
  for (let tries = 0; tries < 4; tries++) {
    if (create(path, own)) {
      held.add(path);
      return () => {
        if (held.delete(path)) rmSync(path, { force: true });
      };
    }
    const owner = readOwner(path);
    if (owner === undefined) continue; // given back in between
    if (held.has(path) || isAlive(owner)) throw locked(path, owner);
    // Whoever renames it has it: if that was not the dead one's lock but a newcomer's, it is put back.
    const aside = `${path}.${process.pid}.stale`;
    try {
      renameSync(path, aside);
    } catch {
      continue;
    }
    if (readOwner(aside) !== owner) linkSync(aside, path);
    rmSync(aside, { force: true });
  }
  throw locked(path, readOwner(path) ?? "");
}

/** Makes the file with its content at once; false: there is one. */
function create(path: string, content: string): boolean {
  const aside = `${path}.${process.pid}.new`;
  writeFileSync(aside, content);
  try {
    linkSync(aside, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function readOwner(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Another machine's owner cannot be asked, so it counts as alive. */
function isAlive(owner: string): boolean {
  const [pid = "", since = "", host = ""] = owner.trim().split(" ");
  if (!/^[1-9]\d*$/.test(pid)) return false;
  if (host !== hostname()) return true;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return since === started(Number(pid));
}

/** When a process started, in the kernel's ticks, so that a number used again is told apart; "0" where there is no /proc. */
function started(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "0";
  } catch {
    return "0";
  }
}

function locked(path: string, owner: string): KanmonError {
  const [pid = "?", , host = "?"] = owner.trim().split(" ");
  return new KanmonError(
    "KAN-STATE-LOCKED",
    `the simulated device is in use by process ${pid} on ${host} (${path})`,
    "End that process, or give this one another state folder. If it is gone for good, remove the lock file.",
    EXIT.device,
  );
}
