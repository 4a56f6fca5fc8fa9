// What can go wrong between a module of the EF AA protocol and its host, switched on and off while they run.
import type { Random } from "./eye/random.ts";

export interface EfaaFaults {
  /** Shares of bytes that are lost, doubled, or have a bit flipped on the line, in both directions. */
  lost: number;
  doubled: number;
  flipped: number;
  /** Replies still to be lost altogether. */
  dropReplies: number;
  /** Replies still to be held back until the next one goes: they come late, but in order. */
  holdReplies: number;
  /** The command whose replies these two are about; undefined: any. */
  onlyTo: number | undefined;
  /** Every reply is sent twice: at once, or again in front of the next one. */
  duplicate: "at once" | "late" | undefined;
  /** The module takes commands and says nothing. */
  silent: boolean;
  /** What `status` says; undefined: the truth. */
  status: number | undefined;
}

export function noEfaaFaults(): EfaaFaults {
  return {
    lost: 0,
    doubled: 0,
    flipped: 0,
    dropReplies: 0,
    holdReplies: 0,
    onlyTo: undefined,
    duplicate: undefined,
    silent: false,
    status: undefined,
  };
}

/** Bytes as a bad line delivers them. */
export function spoil(bytes: Uint8Array, { lost, doubled, flipped }: EfaaFaults, random: Random): Buffer {
  const out: number[] = [];
  for (const byte of bytes) {
    const [drawn, at] = [random.uniform(0, 1), random.uniform(0, 1)];
    if (drawn < lost) continue;
    out.push(at < flipped ? byte ^ (1 << (random.bits() & 7)) : byte);
    if (drawn > 1 - doubled) out.push(byte);
  }
  return Buffer.from(out);
}
