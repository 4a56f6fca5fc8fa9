// `kanmon references list|delete|export`: who is enrolled on a reader, and their sealed references.
import { Command, Option } from "commander";
import { MODALITIES, type Modality } from "../../hal/driver.ts";
import { writeOut } from "./out-file.ts";
import type { Output } from "./output.ts";
import { openReader, type Reader, type ReaderOptions, withReader } from "./reader.ts";
import { userOf } from "./user.ts";
import { examples, type Verb } from "./verb.ts";

export const references: Verb = (output) => {
  const reader = (name: string, description: string): Command => withReader(new Command(name).description(description));
  return new Command("references")
    .description("list, delete and export the references on a reader")
    .addCommand(
      reader("list", "who is enrolled").action((options: ReaderOptions) =>
        work(options, output, (r) => list(r, output)),
      ),
    )
    .addCommand(
      reader("delete", "delete all references of a user, and erase their remains")
        .argument("<user>", "whose", userOf)
        .addHelpText("after", examples(["Unlock a user: delete, then enrol anew", "kanmon references delete alice"]))
        .action((user: string, options: ReaderOptions) => work(options, output, (r) => remove(r, user, output))),
    )
    .addCommand(
      reader("export", "write a sealed reference to a file: only the reader it came from can open it")
        .argument("<user>", "whose", userOf)
        .addOption(new Option("--modality <name>", "which").choices(MODALITIES).makeOptionMandatory())
        .requiredOption("--out <file>", "where it goes")
        .action((user: string, options: ReaderOptions & { modality: Modality; out: string }) =>
          work(options, output, (r) => exportOne(r, user, options.modality, options.out, output)),
        ),
    );
};

async function work(options: ReaderOptions, output: Output, does: (reader: Reader) => Promise<void>): Promise<void> {
  const reader = await openReader(options, output);
  try {
    await does(reader);
  } finally {
    await reader.close();
  }
}

async function list({ device }: Reader, output: Output): Promise<void> {
  const all = await device.templates();
  const lines = all.map(
    ({ user, modality, samples, failed, enrolled }) =>
      `${user}  ${modality}, ${samples} ${samples === 1 ? "sample" : "samples"}, enrolled ${enrolled ? new Date(enrolled * 1000).toISOString() : "at an unknown time"}${failed ? `, ${failed} failed ${failed === 1 ? "try" : "tries"}` : ""}`,
  );
  output.answer({ references: all }, lines.join("\n") || "nobody is enrolled");
}

async function remove(reader: Reader, user: string, output: Output): Promise<void> {
  const record = await reader.device.deleteTemplate(user);
  await reader.collectLog();
  output.answer({ deleted: user, record }, `deleted ${user} (record ${record})`);
}

async function exportOne(reader: Reader, user: string, modality: Modality, out: string, output: Output): Promise<void> {
  const sealed = await reader.device.export(user, modality);
  await reader.collectLog();
  writeOut(out, sealed);
  output.answer(
    { user, modality, bytes: sealed.length, out },
    `sealed reference of ${user}, ${sealed.length} bytes, in ${out}`,
  );
}
