// A device that may be updated: SMP groups 0 and 1 (docs/link.md), which the reader and the recovery image both serve. The protocol is
// mcumgr's; nothing here decides what boots, the board does.
import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";
import type { LineCounts } from "../../link/channel.ts";
import { OP, smpMessage } from "../../link/link.ts";
import * as answers from "./answers.ts";
import { Asker, type AskerOptions } from "./asker.ts";
import { GROUP_IMAGE, GROUP_KANMON } from "./errors.ts";
import { type BulkOptions, BulkSender } from "./send-bulk.ts";

const GROUP_OS = 0;
const RESET = 5;
const IMAGE = { state: 0, upload: 1, erase: 5, slotInfo: 6 } as const;
const INFO = 0;

export type { DeviceIdentity, DeviceImage } from "./answers.ts";

export interface UpdaterOptions extends AskerOptions {
  /** How long the device may take to be found, milliseconds. */
  readonly greet_ms?: number;
}

/** First 8 bytes of SHA-256 of the device's public key, hexadecimal: how a device is called. */
export function deviceId(key: Uint8Array): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 16);
}

/** Bytes of an image that fit an upload message of `messageBytes`; the first one also announces the whole. */
export function uploadBytes(messageBytes: number, first: boolean): number {
  const announced = first ? { len: 0xffffff, sha: new Uint8Array(32) } : {};
  const header = { operation: OP.write, version: 1, group: GROUP_IMAGE, id: IMAGE.upload, sequence: 0 };
  return messageBytes - smpMessage(header, { off: 0xffffff, data: new Uint8Array(0), ...announced }).length - 2;
}

export class Updater {
  readonly #asker: Asker;
  /** What the image said of itself and its device when the line was opened. */
  readonly identity: answers.DeviceIdentity;
  /** The device's id. */
  readonly device: string;

  private constructor(asker: Asker, identity: answers.DeviceIdentity) {
    this.#asker = asker;
    this.identity = identity;
    this.device = deviceId(identity.key);
  }

  /** Finds the device on the stream, which stays the caller's to close. Throws DeviceError. */
  static async connect(stream: Duplex, { greet_ms, ...options }: UpdaterOptions = {}): Promise<Updater> {
    const asker = new Asker(stream, options);
    try {
      await asker.greet(greet_ms);
      const identity = await asker.ask("info", request(OP.read, GROUP_KANMON, INFO, {}), answers.Identity);
      asker.window = identity.window;
      return new Updater(asker, identity);
    } catch (error) {
      asker.close();
      throw error;
    }
  }

  /** What the line did so far. */
  get counts(): LineCounts {
    return this.#asker.counts;
  }

  /** Lets go of the stream, which stays open; requests under way fail. */
  close(): void {
    this.#asker.close();
  }

  /** Identity and state as they are now. */
  info(): Promise<answers.DeviceIdentity> {
    return this.#asker.ask("info", request(OP.read, GROUP_KANMON, INFO, {}), answers.Identity);
  }

  /** The images in the device's slots. */
  async images(): Promise<answers.DeviceImage[]> {
    return (await this.#asker.ask("image state", request(OP.read, GROUP_IMAGE, IMAGE.state, {}), answers.Images))
      .images;
  }

  /** Bytes of the largest signed image that fits either slot; undefined if the device does not say. */
  async capacity(): Promise<number | undefined> {
    const sizes = await this.#asker.ask(
      "slot info",
      request(OP.read, GROUP_IMAGE, IMAGE.slotInfo, {}),
      answers.SlotSizes,
    );
    return sizes.images[0]?.max_image_size;
  }

  /**
   * Sends a signed image to the slot that neither runs nor is confirmed; goes on where an upload of the same bytes was broken off, by
   * whomever. Resolves when the device has all of it and its SHA-256 was found right.
   */
  async upload(image: Uint8Array, options?: BulkOptions): Promise<void> {
    const { message_bytes } = this.identity;
    const sha = createHash("sha256").update(image).digest();
    const most = uploadBytes(message_bytes, false);
    const first = uploadBytes(message_bytes, true);
    const bulk = {
      what: "image upload",
      data: image,
      room: (from: number) => (from === 0 ? first : most),
      request: (from: number, to: number) => {
        const announced = from === 0 ? { len: image.length, sha } : {};
        return request(OP.write, GROUP_IMAGE, IMAGE.upload, {
          off: from,
          data: image.subarray(from, to),
          ...announced,
        });
      },
      schema: answers.Uploaded,
      position: ({ off }: { off: number }) => off,
      whole: ({ off }: { off: number }) => off === image.length,
    };
    // A new sender each time: its window opens only once the device has said where it stands.
    await new BulkSender(this.#asker, most).send(bulk, options);
  }

  /** Has the image with this hash tried at the next start, once. */
  async test(hash: Uint8Array): Promise<void> {
    await this.#mark("image test", { hash, confirm: false });
  }

  /** Confirms the image with this hash, or the running one: it stays. */
  async confirm(hash?: Uint8Array): Promise<void> {
    await this.#mark("image confirm", { hash, confirm: true });
  }

  /** Erases a slot; without one, that which neither runs nor is confirmed. */
  async erase(slot?: number): Promise<void> {
    await this.#asker.ask("image erase", request(OP.write, GROUP_IMAGE, IMAGE.erase, { slot }), answers.Nothing);
  }

  /** Restarts the device; it answers first. */
  async reset(): Promise<void> {
    await this.#asker.ask("reset", request(OP.write, GROUP_OS, RESET, {}), answers.Nothing);
  }

  async #mark(what: string, body: { hash: Uint8Array | undefined; confirm: boolean }): Promise<void> {
    await this.#asker.ask(what, request(OP.write, GROUP_IMAGE, IMAGE.state, body), answers.Images);
  }
}

function request(operation: number, group: number, id: number, body: Readonly<Record<string, unknown>>) {
  return { operation, group, id, body };
}
