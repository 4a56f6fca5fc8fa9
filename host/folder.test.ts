// Folders that a person named: whatever cannot be one is told, at once.
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { makeFolder, prepareFolder, prepareState } from "./folder.ts";

const folder = mkdtempSync(join(tmpdir(), "kanmon-folder-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("makes a folder with those above it, and takes one that is there", () => {
  const path = join(folder, "a", "b");
  makeFolder(path, 0o700);
  prepareFolder(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

it("refuses a file, and a folder under one", () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  for (const path of [file, join(file, "x"), join(file, "x", "y")])
    expect(() => prepareFolder(path), path).toThrow(expect.objectContaining({ code: "KAN-OUTPUT-FOLDER", exit: 3 }));
});

it.skipIf(!existsSync("/proc"))("ends where the system makes no folders", () => {
  for (const path of ["/proc/x", "/proc/x/y"])
    expect(() => prepareFolder(path), path).toThrow(expect.objectContaining({ code: "KAN-OUTPUT-FOLDER" }));
  expect(() => prepareState("/proc/x")).toThrow(expect.objectContaining({ code: "KAN-STATE-FOLDER", exit: 3 }));
});
