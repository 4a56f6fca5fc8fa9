// Brings one frame to the device: its pixels in chunks (send-bulk.ts), each with the session and the frame that it belongs to.
import type { z } from "zod";
import { OP, smpMessage } from "../../link/link.ts";
import { Taken } from "./answers.ts";
import type { Asker } from "./asker.ts";
import { GROUP_KANMON } from "./errors.ts";
import { type BulkOptions, BulkSender } from "./send-bulk.ts";

const FRAME = 3;

export type FrameOptions = BulkOptions;

/** Bytes of pixels that fit a message of `messageBytes`. */
export function chunkBytes(messageBytes: number): number {
  const largest = { session: 0xffffffff, frame: 0xff, offset: 0xffffff, data: new Uint8Array(0) };
  const header = { operation: OP.write, version: 1, group: GROUP_KANMON, id: FRAME, sequence: 0 };
  return messageBytes - smpMessage(header, largest).length - 2;
}

/** Remembers between frames which chunk and window the line bears. */
export class FrameSender {
  readonly #sender: BulkSender;
  readonly #most: number;

  /** @param messageBytes the longest message that the device takes */
  constructor(asker: Asker, messageBytes: number) {
    this.#most = chunkBytes(messageBytes);
    this.#sender = new BulkSender(asker, this.#most);
  }

  /** Sends `pixels` as frame `frame` of the session. Resolves to the reason the device gives for it, "none" if it is usable. */
  async send(session: number, frame: number, pixels: Uint8Array, options: FrameOptions = {}): Promise<string> {
    const request = (from: number, to: number) => ({
      operation: OP.write,
      group: GROUP_KANMON,
      id: FRAME,
      body: { session, frame, offset: from, data: pixels.subarray(from, to) },
    });
    const bulk = {
      what: "frame",
      data: pixels,
      room: () => this.#most,
      request,
      schema: Taken,
      position: (answer: z.infer<typeof Taken>) => (answer.frame > frame ? pixels.length : answer.offset),
      whole: (answer: z.infer<typeof Taken>) => answer.frame > frame,
    };
    return (await this.#sender.send(bulk, options)).reason ?? "none";
  }
}
