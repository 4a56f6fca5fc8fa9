// Makes a checkout ready to run: dependencies, host build, image. Plain JavaScript without dependencies, because it runs first.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const SOURCES = [
  ...["assembly", "link", "hal", "host", "scripts", "tests/link"],
  ...["asconfig.json", "tsconfig.json", "tsconfig.build.json", "package-lock.json"],
];
const STAMP = join(root, "build", "stamp");
const LOCK = join(root, "build", "setting-up");

/** Installs and builds what is missing or older than its sources; with `force`, builds anyway. Exits with a clear message on failure. */
export function setUp({ force = false } = {}) {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    stop(
      `Kanmon needs Node 20.19 or later; this is ${process.versions.node}. Install a newer Node and run the command again.`,
    );
  if (!existsSync(join(root, "assembly"))) return; // an installed package: built before it was published
  if (!force && !missing()) return;
  // One at a time: two installs side by side would delete each other's files.
  const release = takeTurn();
  try {
    make(force);
  } finally {
    release();
  }
}

const INSTALLED = join(root, "node_modules", ".package-lock.json");

function notInstalled() {
  return !existsSync(INSTALLED) || newest("package-lock.json") > statSync(INSTALLED).mtimeMs;
}

function notBuilt() {
  return !existsSync(STAMP) || statSync(STAMP).mtimeMs <= Math.max(...SOURCES.map(newest));
}

function missing() {
  return notInstalled() || notBuilt();
}

function make(force) {
  if (notInstalled()) step("Installing dependencies", npm(), ["ci", "--no-audit", "--no-fund"]);
  if (!force && !notBuilt()) return; // another process did it meanwhile
  const began = Date.now();
  step("Building the host", process.execPath, [
    join(root, "node_modules/typescript/bin/tsc"),
    "-p",
    "tsconfig.build.json",
  ]);
  step("Building the image", process.execPath, [join(root, "build/js/scripts/build-image.js")]);
  writeFileSync(STAMP, "");
  // As old as the build's beginning: what was edited while it ran is newer.
  utimesSync(STAMP, began / 1000, began / 1000);
  console.error(`Ready after ${((Date.now() - began) / 1000).toFixed(1)} s.`);
}

/** Waits until no other process sets up, and keeps others waiting until the function it returns is called. */
function takeTurn() {
  mkdirSync(dirname(LOCK), { recursive: true });
  for (let told = false; ; Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250)) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: "wx" });
      const release = () => rmSync(LOCK, { force: true });
      process.once("exit", release); // also when a step fails
      return release;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (!isAlive(LOCK)) rmSync(LOCK, { force: true });
    else if (!told) console.error("Waiting for another process that sets up …");
    told = true;
  }
}

/** Whether the process named in a lock file still runs; one whose number is not written yet does. */
function isAlive(lock) {
  try {
    const pid = Number(readFileSync(lock, "utf8"));
    if (pid) process.kill(pid, 0);
  } catch (error) {
    return error.code !== "ESRCH";
  }
  return true;
}

/** Newest modification time, in ms, of a file or of anything in a folder. */
function newest(path) {
  const full = join(root, path);
  const stat = statSync(full, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat?.mtimeMs ?? 0;
  return Math.max(stat.mtimeMs, ...readdirSync(full).map((name) => newest(join(path, name))));
}

function npm() {
  return process.platform === "win32" ? "npm.cmd" : "npm";
}

function step(title, command, args) {
  console.error(`${title} …`);
  // Progress and errors belong on stderr: stdout is the verb's answer.
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: command.endsWith(".cmd"),
  });
  if (error) stop(`${title}: ${command} could not be started (${error.message}).`);
  if (status !== 0) stop(`${title} failed; the messages above say why.`);
}

function stop(message) {
  console.error(message);
  process.exit(4);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setUp({ force: process.argv.includes("--build") });
