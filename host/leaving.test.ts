// Temporary folders are gone when the process ends, however it does.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { temporaryFolder } from "./leaving.ts";

const EVENTS = ["SIGINT", "SIGTERM", "SIGHUP", "exit"] as const;
const listeners = () => EVENTS.map((event) => process.listeners(event as "exit"));

it("is removed with what is in it, and nobody listens any more", () => {
  const before = listeners();
  const { path, remove } = temporaryFolder("kanmon-test-");
  writeFileSync(join(path, "file"), "");
  remove();
  expect(existsSync(path)).toBe(false);
  expect(listeners()).toEqual(before);
});

it("is removed when the process ends by a signal, with the signal's exit code", () => {
  const before = listeners();
  const { path, remove } = temporaryFolder("kanmon-test-");
  const [onInt, onTerm, onHup, onExit] = listeners().map((now, i) => now.filter((each) => !before[i]?.includes(each)));
  const exit = vi.spyOn(process, "exit").mockImplementation(() => undefined as never);
  for (const leave of [onInt, onTerm, onHup]) leave?.[0]?.(0);
  expect(exit.mock.calls).toEqual([[130], [143], [129]]);
  exit.mockRestore();
  onExit?.[0]?.(0);
  expect(existsSync(path)).toBe(false);
  remove();
});
