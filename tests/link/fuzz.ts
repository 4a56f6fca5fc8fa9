// Feeds the same streams, cut into the same chunks, to the host's decoder and to the image's, and holds both to it: every whole
// frame arrives, nothing arrives that was not sent, both say the same, nothing throws or traps.
import { type Framing, LinkDecoder } from "../../link/link.ts";
import { ImageLink } from "./image.ts";
import { Random, type Stream, StreamMaker } from "./streams.ts";

export interface FuzzCounts {
  frames: Record<Framing, number>;
  bytes: number;
  /** Frames that were sent whole, and messages that each decoder delivered. */
  whole: number;
  delivered: number;
  /** Whole frames that did not arrive. */
  lost: number;
  /** COBS messages delivered that were not sent: 2^-32 for each damaged frame by CRC-32, so never in a run. */
  wrong: number;
  /** Console messages delivered that were not sent: their CRC-16 lets 2^-16 of the damaged ones pass. */
  collisions: number;
  /** Streams on which the two decoders disagree. */
  differences: number;
}

const FRAMES_IN_STREAM = 200;

/** Runs at least `frames` frames through both decoders. `progress` is told how many are done. */
export function fuzz(
  module: WebAssembly.Module,
  frames: number,
  seed: number,
  progress: (done: number) => void = () => {},
): FuzzCounts {
  const counts: FuzzCounts = {
    frames: { cobs: 0, console: 0 },
    bytes: 0,
    whole: 0,
    delivered: 0,
    lost: 0,
    wrong: 0,
    collisions: 0,
    differences: 0,
  };
  const maker = new StreamMaker(seed);
  const random = new Random(~seed);
  const heard: Record<"host" | "image", { text: string; framing: Framing }[]> = { host: [], image: [] };
  const host = new LinkDecoder((message, framing) => heard.host.push({ text: message.toString("latin1"), framing }));
  const image = new ImageLink(module);
  image.onMessage = (message, framing) => heard.image.push({ text: message.toString("latin1"), framing });
  for (let done = 0; done < frames; done = counts.frames.cobs + counts.frames.console) {
    const stream = maker.make(FRAMES_IN_STREAM);
    heard.host = [];
    heard.image = [];
    for (const chunk of chunks(stream.bytes, random)) {
      host.push(chunk);
      image.push(chunk);
    }
    judge(stream, heard.host, counts);
    if (!same(heard.host, heard.image)) counts.differences++;
    progress(done);
  }
  return counts;
}

function* chunks(bytes: Buffer, random: Random): Generator<Buffer> {
  const longest = [1, 7, 64, 512, 8192][random.below(5)] as number;
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + 1 + random.below(longest));
    yield bytes.subarray(at, end);
    at = end;
  }
}

function judge(stream: Stream, heard: { text: string; framing: Framing }[], counts: FuzzCounts): void {
  counts.frames.cobs += stream.frames.cobs;
  counts.frames.console += stream.frames.console;
  counts.bytes += stream.bytes.length;
  counts.whole += stream.whole.length;
  counts.delivered += heard.length;
  let found = 0;
  for (const { text, framing } of heard) {
    if (text === stream.whole[found]) found++;
    else if (!stream.sent.has(text)) counts[framing === "cobs" ? "wrong" : "collisions"]++;
  }
  counts.lost += stream.whole.length - found;
}

function same(a: { text: string }[], b: { text: string }[]): boolean {
  return a.length === b.length && a.every(({ text }, i) => text === b[i]?.text);
}
