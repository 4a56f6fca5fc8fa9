// The sensor protocol's messages on and off a byte stream as a module handles them: the link's codec, and who speaks.
import { LinkDecoder } from "../../link/decoder.ts";
import { frameMessage } from "../../link/encoder.ts";
import { smpBody, smpHeader, smpMessage } from "../../link/smp.ts";
import type { Body } from "../protocol/messages.ts";

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
