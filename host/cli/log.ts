// `kanmon log show|verify|prove`: the PEC log, from the copy that the host keeps. No reader is needed.
import { readFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { formatVerifier, parseVerifier } from "../audit/note.ts";
import { proveEntry, verifyProof } from "../audit/prove.ts";
import { decodeRecord, readableRecord } from "../audit/record.ts";
import { LogStore } from "../audit/store.ts";
import { KanmonError } from "../errors.ts";
import { writeOut } from "./out-file.ts";
import type { Output } from "./output.ts";
import { logFolder } from "./reader.ts";
import { examples, type Verb } from "./verb.ts";
import { whole } from "./whole.ts";

interface Options {
  state: string;
  key?: string;
  out?: string;
  from?: number;
}

export const log: Verb = (output) => {
  const open = ({ state }: Options) => LogStore.open(logFolder(state));
  const state = () => new Option("--state <dir>", "folder of the reader whose log it is").default(".kanmon");
  return new Command("log")
    .description("show, verify and prove the records of a reader's sessions")
    .addCommand(
      new Command("show")
        .description("print the records, decoded, and the signed checkpoint")
        .addOption(state())
        .option("--from <n>", "first record to print", whole(0), 0)
        .addHelpText("after", examples(["All records as JSON", "kanmon log show --json"]))
        .action((options: Options) => show(open(options), options.from ?? 0, output)),
    )
    .addCommand(
      new Command("verify")
        .description("check every record against the signed checkpoint, or one proof against the reader's key")
        .argument("[proof]", "a proof made by `kanmon log prove`")
        .addOption(state())
        .option("--key <verifier>", "the reader's key, name+id+base64 (default: the one kept with the log)")
        .addHelpText(
          "after",
          examples(["The whole copy", "kanmon log verify"], ["One proof", "kanmon log verify proof.tlog-proof"]),
        )
        .action((proof: string | undefined, options: Options) =>
          proof === undefined ? verifyLog(open(options), output) : verifyFile(proof, options, open, output),
        ),
    )
    .addCommand(
      new Command("prove")
        .description("write a proof of one record that anyone can check offline")
        .argument("<record>", "the record's index", whole(0))
        .addOption(state())
        .option("--out <file>", "where the proof goes (default: printed)")
        .addHelpText("after", examples(["Record 3", "kanmon log prove 3 --out record3.tlog-proof"]))
        .action((record: number, options: Options) => prove(open(options), record, options.out, output)),
    );
};

function show(store: LogStore, from: number, output: Output): void {
  const records = [...store.entries(from)].map(([index, entry]) => readableRecord(decodeRecord(entry, index)));
  const value = { verifier: formatVerifier(store.verifier), size: store.size, records, checkpoint: store.note };
  const lines = records.map(
    ({ index, opened, purpose, modality, decision, reason, ...rest }) =>
      `${index}  ${opened ?? "-"}  ${purpose} ${modality ?? ""} ${decision}${reason === "none" ? "" : ` (${reason})`}\n    ${details(rest)}`,
  );
  output.answer(value, [...lines, "", `verifier ${value.verifier}`, "", store.note.trimEnd()].join("\n"));
}

function details(fields: Record<string, unknown>): string {
  return Object.entries(fields)
    .filter(([name]) => name !== "v")
    .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : short(String(value))}`)
    .join(", ");
}

function short(text: string): string {
  return text.length === 64 ? `${text.slice(0, 12)}…` : text;
}

function verifyLog(store: LogStore, output: Output): void {
  const checked = store.check();
  for (const [index, entry] of store.entries()) decodeRecord(entry, index);
  output.answer(
    { verified: true, size: checked, verifier: formatVerifier(store.verifier) },
    `${checked} records verified against the checkpoint of ${store.verifier.name}`,
  );
}

async function verifyFile(
  path: string,
  options: Options,
  open: (options: Options) => LogStore,
  output: Output,
): Promise<void> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new KanmonError("KAN-FILE", `${path} cannot be read (${error.code})`, "Check the path of the proof.");
  });
  const verifier = options.key === undefined ? open(options).verifier : parseVerifier(options.key);
  const { entry, index, checkpoint } = verifyProof(text, verifier);
  const record = readableRecord(decodeRecord(entry, index));
  output.answer(
    { verified: true, index, size: checkpoint.size, origin: checkpoint.origin, record },
    `record ${index} is in the log of ${checkpoint.size} records signed by ${checkpoint.origin}\n${details(record)}`,
  );
}

async function prove(store: LogStore, record: number, out: string | undefined, output: Output): Promise<void> {
  if (record >= store.size)
    throw new KanmonError(
      "KAN-LOG-INDEX",
      `the log has ${store.size} records, so none with index ${record}`,
      "Count from 0.",
    );
  const proof = proveEntry(store, record);
  if (out !== undefined) writeOut(out, proof);
  output.answer(
    { index: record, size: store.size, proof },
    out === undefined ? proof : `proof of record ${record} in ${out}`,
  );
}
