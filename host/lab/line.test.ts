// The line to a lab firmware, when its other end goes away.

import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loadBoard } from "../firmware/board.ts";
import { LabLine } from "./line.ts";

it("says at once that the board is gone, while it waits and afterwards", async () => {
  const folder = mkdtempSync(join(tmpdir(), "kanmon-lab-line-"));
  const path = join(folder, "line");
  const server = createServer((board: Socket) => board.once("data", () => board.destroy()));
  try {
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const stream = connect(path);
    const gone = { code: "KAN-LAB", message: expect.stringContaining("line was closed") };
    const open = () => LabLine.open(stream, loadBoard("native_sim"), "aot", new Uint8Array(8), new Uint8Array(32));
    await expect(open()).rejects.toMatchObject(gone);
    await expect(open()).rejects.toMatchObject(gone);
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
}, 10_000);
