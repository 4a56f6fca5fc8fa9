// `kanmon monitor` at a serial port: a reader watched, a line listened to. Nobody's frames, templates or names may come out.
import { afterEach, describe, expect, test } from "vitest";
import { hasSocat, openPtyLine } from "../hal/sim/line-pty.ts";
import { monitor } from "../host/cli/monitor.ts";
import { frameMessage, OP, smpMessage } from "../link/link.ts";
import { eye, session, startReader } from "./reader.ts";
import { runVerb } from "./verb.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function line() {
  const made = await openPtyLine();
  closing.push(() => made.close());
  return made;
}

describe.skipIf(!hasSocat())("kanmon monitor", () => {
  test("tells the reader, its images, the records asked for, and how the line did", async () => {
    const reader = await startReader();
    closing.push(reader.close);
    await session(reader.device, "enroll", "SECRET-NAME", [eye(1), eye(1, 1)]);
    await session(reader.device, "verify", "SECRET-NAME", [eye(1, 2)]);
    const { path, far } = await line();
    far.pipe(reader.board.link).pipe(far);
    const { exit, events } = await runVerb(monitor, "--port", path, "--once", "--from", "0");
    expect(exit).toBe(0);
    expect(events.map(({ event }) => event)).toEqual(["device", "info", "image", "record", "record", "line"]);
    const [device, info, image, enrolled, verified, counts] = events;
    expect(info).toMatchObject({ state: "ready", engine: "v8", "log.size": 2, device: device.id });
    expect(image).toMatchObject({ hash: info.image, active: true, confirmed: true });
    expect(enrolled).toMatchObject({ index: 0, purpose: "enroll", decision: "enrolled" });
    expect(verified).toMatchObject({ index: 1, purpose: "verify", decision: "accept" });
    expect(counts).toMatchObject({ broken: 0 });
    expect(JSON.stringify(events)).not.toContain("SECRET-NAME");
    expect((await runVerb(monitor, "--port", path, "--once")).events.some(({ event }) => event === "record")).toBe(
      false,
    );
  });

  test("listens without a byte of its own, decodes both framings, and shows no pixels", async () => {
    const { path, far } = await line();
    let heard = 0;
    far.on("data", (bytes: Buffer) => {
      heard += bytes.length;
    });
    const pixels = Buffer.from("SECRET-PIXELS ".repeat(200));
    const header = { version: 1, group: 64, id: 3, sequence: 9 };
    const frame = smpMessage({ ...header, operation: OP.write }, { session: 1, frame: 0, offset: 0, data: pixels });
    const answer = smpMessage({ ...header, operation: OP.writeResponse }, { frame: 0, offset: pixels.length });
    const listening = runVerb(monitor, "--port", path, "--listen", "--for", "2");
    const send = setInterval(
      () => far.write(Buffer.concat([frameMessage(frame), frameMessage(answer, "console")])),
      200,
    );
    const { events } = await listening.finally(() => clearInterval(send));
    expect(events[0]).toMatchObject({
      event: "request",
      name: "frame",
      operation: "write",
      sequence: 9,
      framing: "cobs",
      offset: 0,
      data: `<${pixels.length} bytes>`,
    });
    expect(events[1]).toMatchObject({ event: "response", name: "frame", framing: "console", offset: pixels.length });
    expect(events.at(-1)).toMatchObject({ event: "line", broken: 0 });
    expect(JSON.stringify(events)).not.toContain("SECRET");
    expect(heard).toBe(0);
  });

  test("says how it is used, and when nobody answers", async () => {
    expect(await runVerb(monitor)).toMatchObject({ exit: 2, value: { error: { code: "KAN-USAGE" } } });
    const { path } = await line();
    expect(await runVerb(monitor, "--port", path, "--once")).toMatchObject({
      exit: 4,
      value: { error: { code: "KAN-LINK-SILENT" } },
    });
  });
});
