// The imports of assembly/board.ts: all that the image can reach of the board. Pointers and addresses are u32, which
// WebAssembly hands over as signed numbers. What the board cannot do is a negative status; a power cut goes through.
import { randomFillSync } from "node:crypto";
import type { Logger } from "pino";
import type { Flash } from "./flash.ts";
import { type DeviceKeys, verifyEd25519 } from "./keys.ts";
import type { Slots } from "./slots.ts";

export interface BoardParts {
  /** The image's memory; undefined while the power is off. */
  memory(): WebAssembly.Memory | undefined;
  readonly flash: Flash;
  readonly keys: DeviceKeys;
  /** SHA-256 of the image. */
  readonly digest: Uint8Array;
  /** Bytes of board_info. */
  readonly info: Uint8Array;
  readonly slots: Slots;
  readonly log: Logger | undefined;
  /** Sends bytes on the line; false: it takes none now. */
  transmit(bytes: Uint8Array): boolean;
  /** Microseconds since the start. */
  micros(): bigint;
  reset(): void;
}

export function boardImports(board: BoardParts): Record<string, unknown> {
  const { flash, keys, digest, info, slots, log } = board;
  const at = (pointer: number, length: number): Uint8Array => {
    const memory = board.memory();
    if (!memory) throw new Error("the power is off");
    return new Uint8Array(memory.buffer, pointer >>> 0, length);
  };
  const status = (name: string, act: () => void): number => {
    try {
      act();
      return 0;
    } catch (error) {
      if ((error as Error).name === "PowerCut") throw error;
      log?.error({ operation: name, error: (error as Error).message }, "the board failed");
      return -1;
    }
  };
  return {
    transmit: (pointer: number, length: number) => (board.transmit(at(pointer, length).slice()) ? length : 0),
    flash_read: (address: number, pointer: number, length: number) =>
      status("flash_read", () => flash.read(address >>> 0, at(pointer, length))),
    flash_write: (address: number, pointer: number, length: number) =>
      status("flash_write", () => flash.write(address >>> 0, at(pointer, length))),
    flash_erase: (address: number, length: number) => status("flash_erase", () => flash.erase(address >>> 0, length)),
    random: (pointer: number, length: number) => status("random", () => randomFillSync(at(pointer, length))),
    micros: () => board.micros(),
    sign: (pointer: number, length: number, signature: number) =>
      status("sign", () => at(signature, 64).set(keys.sign(at(pointer, length)))),
    verify: (key: number, pointer: number, length: number, signature: number) => {
      try {
        return verifyEd25519(at(key, 32), at(pointer, length), at(signature, 64)) ? 1 : 0;
      } catch {
        return -1;
      }
    },
    public_key: (pointer: number) => status("public_key", () => at(pointer, 32).set(keys.publicKey)),
    derive_key: (context: number, length: number, out: number) =>
      status("derive_key", () => at(out, 32).set(keys.derive(at(context, length)))),
    counter: (floor: number) => keys.counter(floor >>> 0),
    image_digest: (pointer: number) => status("image_digest", () => at(pointer, 32).set(digest)),
    board_info: (out: number) => status("board_info", () => at(out, info.length).set(info)),
    slot_info: (slot: number, out: number) => {
      const facts = slots.info(slot);
      return facts ? status("slot_info", () => at(out, facts.length).set(facts)) : -1;
    },
    slot_begin: (slot: number, length: number, sha: number) => slots.begin(slot, length, at(sha, 32)),
    slot_write: (slot: number, offset: number, pointer: number, length: number) =>
      slots.write(slot, offset >>> 0, at(pointer, length)),
    slot_mark: (slot: number, mark: number) => slots.mark(slot, mark),
    reset: () => board.reset(),
    trace: (pointer: number, length: number) =>
      log?.debug({ trace: Buffer.from(at(pointer, length)).toString("latin1") }, "image"),
  };
}
