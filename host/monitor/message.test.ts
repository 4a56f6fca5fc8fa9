// What the monitor shows of messages, and what it must not.
import { describe, expect, it } from "vitest";
import { OP, smpMessage } from "../../link/link.ts";
import { viewMessage } from "./message.ts";

const view = (operation: number, group: number, id: number, body: Record<string, unknown>) =>
  viewMessage(smpMessage({ operation, version: 1, group, id, sequence: 7 }, body));

describe("a message in the monitor", () => {
  it("has a name, a direction, and the fields that are nobody's", () => {
    const hash = Buffer.alloc(32, 0xab);
    expect(view(OP.writeResponse, 1, 1, { off: 4096 })).toEqual({
      kind: "response",
      name: "image upload",
      operation: "write",
      sequence: 7,
      bytes: 8 + 8,
      fields: { off: 4096 },
    });
    expect(view(OP.readResponse, 1, 0, { images: [{ hash, slot: 0, version: "1.2.3", active: true }] }).fields).toEqual(
      {
        images: [{ hash: "ab".repeat(32), slot: 0, version: "1.2.3", active: true }],
      },
    );
    expect(view(OP.read, 99, 1, {}).name).toBe("group 99, id 1");
  });

  it("never shows a frame, a template, a person's name, a document, or an echo", () => {
    const secret = Buffer.from("SECRET-PIXELS".repeat(4));
    const shown = JSON.stringify([
      view(OP.write, 64, 3, { session: 1, frame: 0, offset: 0, data: secret }),
      view(OP.writeResponse, 64, 7, { data: secret, size: 99 }),
      view(OP.write, 64, 2, { user: "SECRET", modality: "iris" }),
      view(OP.readResponse, 64, 6, { references: [{ id: 1, user: "SECRET", modality: "iris" }] }),
      view(OP.write, 64, 1, { document: secret }),
      view(OP.write, 0, 0, { d: "SECRET" }),
      view(OP.readResponse, 64, 8, { size: 1, entries: [secret] }),
      // Known names do not open the door to what is larger than a digest, or nested.
      view(OP.write, 64, 3, { key: Buffer.concat([secret, secret]), state: "SECRET".repeat(20), x: { y: [secret] } }),
    ]);
    expect(shown).not.toContain("SECRET");
    expect(shown).not.toContain(secret.toString("hex").slice(0, 16));
    expect(shown).toContain("<52 bytes>");
    expect(shown).toContain('"modality":"iris"');
  });

  it("shows no text and no field's name that could steer a terminal, or be a person's", () => {
    const fields = { state: "\x1b[2Jready", "\x1b]0;x\x07": 1, "Ann Other": { "\x1b[1m": 2 }, board: "native_sim" };
    expect(view(OP.readResponse, 64, 0, fields).fields).toEqual({
      state: "<9 characters>",
      "<6 characters>": 1,
      "<9 characters>": { "<4 characters>": 2 },
      board: "native_sim",
    });
  });

  it("says when it cannot be read", () => {
    const message = smpMessage({ operation: OP.read, version: 1, group: 0, id: 0, sequence: 0 }, { d: "x" });
    message[8] = 0x9f;
    expect(viewMessage(message).fields).toEqual({ unreadable: true });
  });
});
