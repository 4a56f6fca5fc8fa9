// The sensor protocol's messages on and off a byte stream: the link's codec, with what a sensor line adds: pixels that have been
// read are wiped from the codec's buffer.
import { crc32 } from "../../link/crc32.ts";
import { LinkDecoder } from "../../link/decoder.ts";
import { frameMessage } from "../../link/encoder.ts";
import { smpBody, smpHeader, smpMessage } from "../../link/smp.ts";
import type { Body } from "./messages.ts";

const SMP_VERSION_2 = 1;

export interface SmpMessage {
  readonly operation: number;
  readonly group: number;
  readonly sequence: number;
  readonly command: number;
  readonly body: Body;
}

/** A message as the bytes that go on the line. */
export function encodeMessage({ operation, group, sequence, command, body }: SmpMessage): Buffer {
  const message = smpMessage({ operation, version: SMP_VERSION_2, group, id: command, sequence }, body);
  const line = frameMessage(message);
  message.fill(0);
  return line;
}

/** Finds messages in what arrives. */
export class MessageReader {
  readonly #decoder: LinkDecoder;
  #unfit = 0;

  constructor(onMessage: (message: SmpMessage) => void) {
    this.#decoder = new LinkDecoder((bytes) => {
      const message = this.#open(bytes);
      bytes.fill(0);
      if (message) onMessage(message);
    });
  }

  /** Messages that were damaged on the line, or whose body is not a CBOR map. */
  get corrupt(): number {
    return this.#decoder.broken + this.#unfit;
  }

  push(bytes: Uint8Array): void {
    this.#decoder.push(bytes);
  }

  #open(bytes: Buffer): SmpMessage | undefined {
    try {
      const { operation, group, sequence, id } = smpHeader(bytes);
      return { operation, group, sequence, command: id, body: smpBody(bytes) };
    } catch {
      this.#unfit++;
      return undefined;
    }
  }
}

/** The checksum of a whole frame's pixels. */
export function frameCrc(pixels: Uint8Array): number {
  return crc32(pixels);
}
