// How fast the link's codec is, for `kanmon bench`: rates in MB/s (10^6 bytes of messages), and as a ratio to the least that any
// receiver has to do, one copy and one CRC-32 of the same bytes in the same run, which tells more than the rate of one machine.
import { performance } from "node:perf_hooks";
import { crc32 } from "../../link/crc32.ts";
import { type Framing, frameMessage, LinkDecoder, MESSAGE_BYTES, OP, smpMessage } from "../../link/link.ts";
import { GROUP_KANMON } from "./errors.ts";
import { chunkBytes } from "./send-frame.ts";

export interface LinkRate {
  readonly what: string;
  readonly mb_per_second: number;
  /** Rate over that of a copy and a CRC-32 pass. */
  readonly ratio: number;
}

export interface LinkBench {
  readonly message_bytes: number;
  /** Pixels in all bytes on the line, in bulk transfer, requests only. */
  readonly payload_share: number;
  readonly rates: readonly LinkRate[];
}

const CHUNK = 65_536; // what a socket or a fast serial driver hands over at once
const FRAME = 3;

/** Measures for about `seconds` in all. Blocks the thread while it does. */
export function benchLink(seconds = 3): LinkBench {
  const each = (seconds * 1000) / 7;
  const pixels = {
    "random pixels": () => Math.floor(Math.random() * 256),
    "no zero in them": () => 1 + Math.floor(Math.random() * 255),
    "every fourth zero": (i: number) => (i % 4 === 0 ? 0 : 1 + (i % 255)),
  };
  const bulk = Object.entries(pixels).map(([name, pixel]) => ({ name, messages: bulkMessages(pixel) }));
  const reference = rate(copyAndCheck(bulk[0]?.messages as Buffer[]), each);
  const rates: LinkRate[] = [{ what: "copy and CRC-32", mb_per_second: round(reference), ratio: 1 }];
  const add = (what: string, measured: number) =>
    rates.push({ what, mb_per_second: round(measured), ratio: Math.round((measured / reference) * 1000) / 1000 });
  for (const { name, messages } of bulk) add(`decode, ${name}`, rate(decode(messages, "cobs"), each));
  const random = bulk[0]?.messages as Buffer[];
  add("encode, random pixels", rate(encode(random), each));
  add("decode, console lines", rate(decode(random.slice(0, 16), "console"), each));
  const line = random.reduce((sum, message) => sum + frameMessage(message).length, 0);
  const share = (chunkBytes(MESSAGE_BYTES) * random.length) / line;
  return { message_bytes: MESSAGE_BYTES, payload_share: Math.round(share * 10_000) / 10_000, rates };
}

/** 4 MiB of frame messages of the full length. */
function bulkMessages(pixel: (i: number) => number): Buffer[] {
  const data = Uint8Array.from({ length: chunkBytes(MESSAGE_BYTES) }, (_, i) => pixel(i));
  return Array.from({ length: 1024 }, (_, i) =>
    smpMessage(
      { operation: OP.write, version: 1, group: GROUP_KANMON, id: FRAME, sequence: i & 255 },
      { session: 1, frame: i >> 8, offset: (i & 255) * data.length, data },
    ),
  );
}

/** The work of one turn; returns the message bytes done. */
type Work = () => number;

function copyAndCheck(messages: Buffer[]): Work {
  const target = Buffer.alloc(MESSAGE_BYTES);
  let sum = 0;
  return () => {
    let bytes = 0;
    for (const message of messages) {
      message.copy(target);
      sum ^= crc32(target.subarray(0, message.length));
      bytes += message.length;
    }
    if (sum === -1) throw new Error("the checksum is one that CRC-32 cannot give");
    return bytes;
  };
}

function decode(messages: Buffer[], framing: Framing): Work {
  const line = Buffer.concat(messages.map((message) => frameMessage(message, framing)));
  let bytes = 0;
  let count = 0;
  const decoder = new LinkDecoder((message) => {
    bytes += message.length;
    count++;
  });
  return () => {
    bytes = count = 0;
    for (let at = 0; at < line.length; at += CHUNK) decoder.push(line.subarray(at, at + CHUNK));
    if (count !== messages.length) throw new Error(`${count} of ${messages.length} messages arrived`);
    return bytes;
  };
}

function encode(messages: Buffer[]): Work {
  return () => {
    let bytes = 0;
    for (const message of messages) {
      frameMessage(message);
      bytes += message.length;
    }
    return bytes;
  };
}

/** MB/s of `work` over about `ms`, after a warm-up; in processor time, so that other work of the machine counts little. */
function rate(work: Work, ms: number): number {
  for (const until = performance.now() + ms / 4; performance.now() < until; ) work();
  const until = performance.now() + (ms * 3) / 4;
  const before = process.cpuUsage();
  let bytes = 0;
  while (performance.now() < until) bytes += work();
  const { user, system } = process.cpuUsage(before);
  return bytes / (user + system);
}

function round(value: number): number {
  return Math.round(value);
}
