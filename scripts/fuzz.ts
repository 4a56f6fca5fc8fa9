// `npm run fuzz [-- --frames N --seed S]`: damaged streams through the host's decoder and the image's, at least a million frames.
// Prints counts, closes with one plain line, and fails if a frame was lost, wrong, or seen differently by the two.
import { parseArgs } from "node:util";
import { fuzz } from "../tests/link/fuzz.ts";
import { compileLink } from "../tests/link/image.ts";

const { values } = parseArgs({
  options: { frames: { type: "string", default: "1000000" }, seed: { type: "string", default: "1" } },
});
const frames = Number(values.frames);
const seed = Number(values.seed);
if (!Number.isSafeInteger(frames) || frames < 1 || !Number.isSafeInteger(seed)) {
  console.error("usage: npm run fuzz -- [--frames N] [--seed S], whole numbers");
  process.exit(2);
}

console.error("Compiling the image's link …");
const module = await compileLink();
const began = performance.now();
let shown = 0;
const counts = fuzz(module, frames, seed, (done) => {
  const percent = Math.floor((done / frames) * 100);
  if (percent === shown) return;
  shown = percent;
  if (process.stderr.isTTY) process.stderr.write(`\r${percent} % of ${frames} frames`);
  else if (percent % 10 === 0) console.error(`${percent} % of ${frames} frames`);
});
if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");

const total = counts.frames.cobs + counts.frames.console;
const seconds = (performance.now() - began) / 1000;
for (const [name, value] of Object.entries({
  "COBS frames": counts.frames.cobs,
  "console frames": counts.frames.console,
  "bytes, each decoder": counts.bytes,
  "sent whole": counts.whole,
  delivered: counts.delivered,
  "sent whole but lost": counts.lost,
  "delivered but never sent, COBS": counts.wrong,
  "delivered but never sent, console (passed CRC-16 by chance)": counts.collisions,
  "streams on which host and image disagree": counts.differences,
  seconds: Math.round(seconds),
})) {
  console.log(`${String(value).padStart(12)}  ${name}`);
}

// CRC-16 lets one damaged message in 65,536 pass: a run of chance collisions beyond that is a defect.
const allowed = Math.ceil(counts.frames.console / 65_536);
const good = counts.lost === 0 && counts.wrong === 0 && counts.differences === 0 && counts.collisions <= allowed;
console.log(`fuzz: ${total} frames through both decoders, seed ${seed}: ${good ? "none lost, none wrong" : "FAILED"}`);
process.exitCode = good ? 0 : 1;
