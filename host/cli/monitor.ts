// `kanmon monitor`: what goes on at a port. It asks the device and tells what changes, or listens only and decodes what passes. Frames,
// templates and names are never printed.
import { createInterface } from "node:readline";
import { Command } from "commander";
import { LinkDecoder } from "../../link/link.ts";
import { openSerial } from "../device/serial.ts";
import { EXIT, KanmonError } from "../errors.ts";
import { FlashPort } from "../flash/port.ts";
import { viewMessage } from "../monitor/message.ts";
import { type Tell, watch } from "../monitor/watch.ts";
import type { Output } from "./output.ts";
import { examples, type Verb } from "./verb.ts";
import { whole } from "./whole.ts";

interface Options {
  port?: string;
  baud: number;
  listen?: boolean;
  trace?: string;
  traceBaud: number;
  from?: number;
  interval: number;
  once?: boolean;
  for?: number;
}

export const monitor: Verb = (output) =>
  new Command("monitor")
    .description("watch a device: its state, images and log entries as they come; or decode what passes on a line")
    .option("--port <path>", "the device's port")
    .option("--baud <n>", "speed of that port", whole(1), 3_000_000)
    .option("--listen", "send nothing: decode the messages that pass, of either framing")
    .option("--trace <path>", "also print the lines of this port: where the board writes its traces")
    .option("--trace-baud <n>", "speed of that port", whole(1), 115_200)
    .option("--from <n>", "first log entry to print (default: those that are new)", whole(0))
    .option("--interval <ms>", "time between two looks", whole(50), 1_000)
    .option("--once", "look once and end")
    .option("--for <seconds>", "end after this time (default: with Ctrl-C)", whole(1))
    .option("--json", "print one JSON document a line on stdout, as things happen")
    .addHelpText(
      "after",
      examples(
        ["What a board does", "kanmon monitor --port /dev/ttyACM0"],
        ["All records so far, as lines of JSON", "kanmon monitor --port /dev/ttyACM0 --from 0 --once --json"],
        ["A tap on somebody else's line", "kanmon monitor --port /dev/ttyUSB1 --listen"],
      ),
    )
    .action((options: Options) => run(options, output));

async function run(options: Options, output: Output): Promise<void> {
  const { port, trace } = options;
  if (port === undefined && trace === undefined)
    throw new KanmonError("KAN-USAGE", "neither --port nor --trace is given", "Name the device's port.", EXIT.usage);
  const end = new AbortController();
  process.once("SIGINT", () => end.abort());
  const timer = options.for === undefined ? undefined : setTimeout(() => end.abort(), options.for * 1000);
  const tell: Tell = (what, facts) => {
    const time = new Date().toISOString();
    output.event({ time, event: what, ...facts }, `${time.slice(11, 23)}  ${what.padEnd(9)} ${line(facts)}`);
  };
  try {
    await Promise.all([
      trace === undefined ? undefined : traces(trace, options.traceBaud, tell, end.signal),
      port === undefined ? undefined : messages(port, options, tell, end.signal),
    ]);
  } finally {
    clearTimeout(timer);
    end.abort();
  }
}

async function messages(path: string, options: Options, tell: Tell, signal: AbortSignal): Promise<void> {
  if (options.listen) return listen(path, options.baud, tell, signal);
  const port = new FlashPort({ path, serial: undefined }, options.baud);
  try {
    const { from, interval, once = false } = options;
    await watch(port, tell, { interval, once, signal, ...(from === undefined ? {} : { from }) });
  } finally {
    await port.close();
  }
}

/** Decodes what passes, sending nothing. */
async function listen(path: string, baud: number, tell: Tell, signal: AbortSignal): Promise<void> {
  let bytes = 0;
  let frames = 0;
  const decoder = new LinkDecoder((message, framing) => {
    frames++;
    const { kind, name, operation, sequence, bytes: length, fields } = viewMessage(message);
    tell(kind, { name, operation, sequence, bytes: length, framing, ...fields });
  });
  const serial = await openSerial(path, baud);
  serial.stream.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    decoder.push(chunk);
  });
  await ended(serial.stream, signal);
  tell("line", { bytes, frames, broken: decoder.broken });
  await serial.close();
}

/** Prints the lines of a trace port, whatever is no printable ASCII left out. */
async function traces(path: string, baud: number, tell: Tell, signal: AbortSignal): Promise<void> {
  const serial = await openSerial(path, baud);
  createInterface({ input: serial.stream }).on("line", (text) => tell("trace", { text: text.replace(/[^ -~]/g, "") }));
  await ended(serial.stream, signal);
  await serial.close();
}

function ended(stream: NodeJS.EventEmitter, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
    for (const event of ["close", "end", "error"]) stream.once(event, () => resolve());
  });
}

function line(facts: { readonly [name: string]: unknown }): string {
  return Object.entries(facts)
    .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : short(String(value))}`)
    .join(", ");
}

/** Digests by their first digits: enough to compare by eye. */
function short(text: string): string {
  return /^[0-9a-f]{64}$/.test(text) ? `${text.slice(0, 16)}…` : text;
}
