// `kanmon policy show|set`: the policy in force on a reader. What is set is a signed document, or YAML that is signed here.
import type { KeyObject } from "node:crypto";
import { Command } from "commander";
import { parseDocument, stringify } from "yaml";
import { rawKey } from "../cose.ts";
import { KanmonError } from "../errors.ts";
import { checkPolicy, type Policy } from "../policy/document.ts";
import { readPolicy, type SignedPolicy, signPolicy } from "../policy/sign.ts";
import { authorityKey, readWhole } from "./authority.ts";
import type { Output } from "./output.ts";
import { openReader, type ReaderOptions, withReader } from "./reader.ts";
import { examples, type Verb } from "./verb.ts";

interface SetOptions extends ReaderOptions {
  key?: string;
}

export const policy: Verb = (output) =>
  new Command("policy")
    .description("show or set the policy that a reader enforces")
    .addCommand(
      withReader(new Command("show").description("print the policy in force"))
        .addHelpText("after", examples(["As a file to change", "kanmon policy show > policy.yaml"]))
        .action((options: ReaderOptions) => show(options, output)),
    )
    .addCommand(
      withReader(new Command("set").description("sign a policy, or take a signed one, and put it in force"))
        .argument("<file>", "YAML as `policy show` prints it, or a signed document (COSE_Sign1)")
        .option("--key <pem>", "the authority's Ed25519 private key (default: the published development key)")
        .addHelpText(
          "after",
          examples(
            ["Change a value", "kanmon policy show > policy.yaml; edit it; kanmon policy set policy.yaml"],
            ["A document that an authority signed", "kanmon policy set policy.cose --port /dev/ttyACM0"],
          ),
        )
        .action((file: string, options: SetOptions) => set(file, options, output)),
    );

async function show(options: ReaderOptions, output: Output): Promise<void> {
  const reader = await openReader(options, output);
  try {
    const { policy, digest } = readPolicy((await reader.device.policy()).document);
    const values = readable(policy);
    output.answer(
      { digest: Buffer.from(digest).toString("hex"), policy: values },
      `# digest ${Buffer.from(digest).toString("hex")}\n${stringify(values).trimEnd()}`,
    );
  } finally {
    await reader.close();
  }
}

async function set(file: string, options: SetOptions, output: Output): Promise<void> {
  const bytes = await readWhole(file, "policy");
  // A COSE_Sign1 begins with its tag, 0xD2, which no YAML text begins with.
  const signed =
    bytes[0] === 0xd2 ? readPolicy(bytes) : sign(file, bytes.toString("utf8"), await authorityKey(options.key, output));
  const reader = await openReader(options, output, "no_policy");
  try {
    const { record } = await reader.device.setPolicy(signed.document);
    await reader.collectLog();
    const digest = Buffer.from(signed.digest).toString("hex");
    output.answer(
      { digest, record, name: signed.policy.name },
      `policy "${signed.policy.name}" in force (record ${record})\n# digest ${digest}`,
    );
  } finally {
    await reader.close();
  }
}

function sign(file: string, text: string, key: KeyObject): SignedPolicy {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error)
    throw new KanmonError(
      "KAN-POLICY-YAML",
      `${file}: ${error.message}`,
      "Start from what `kanmon policy show` prints.",
    );
  const values = withIds(plainValues(file, document));
  // Who signs, and when, is known here; a reader refuses a document older than its own.
  return signPolicy(checkPolicy({ ...values, authority: rawKey(key), issued: Math.floor(Date.now() / 1000) }), key);
}

/** The document's values; one with aliases is none of ours. */
function plainValues(file: string, document: ReturnType<typeof parseDocument>): Record<string, unknown> {
  try {
    const values: unknown = document.toJS({ maxAliasCount: 0 });
    if (typeof values === "object" && values !== null && !Array.isArray(values))
      return values as Record<string, unknown>;
  } catch {
    throw new KanmonError(
      "KAN-POLICY-YAML",
      `${file}: aliases are not taken`,
      "Start from what `kanmon policy show` prints.",
    );
  }
  throw new KanmonError(
    "KAN-POLICY-YAML",
    `${file} is neither a policy in YAML nor a signed document`,
    "Start from what `kanmon policy show` prints.",
  );
}

/** A policy as plain values: the authority's key, and ids of calibrations, in hexadecimal. */
function readable(value: Policy): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(value, (_, inner) => (inner instanceof Uint8Array ? Buffer.from(inner).toString("hex") : inner)),
  ) as Record<string, unknown>;
}

/** The values with ids of calibrations as bytes; what is none stays, for the check of the policy to tell. */
function withIds(values: Record<string, unknown>): Record<string, unknown> {
  const modalities = Object(values["modalities"]) as Record<string, { liveness?: { calibration?: unknown } } | null>;
  for (const modality of Object.values(modalities)) {
    const liveness = modality?.liveness;
    const id = liveness?.calibration;
    if (liveness && typeof id === "string" && /^[0-9a-f]{64}$/.test(id))
      liveness.calibration = new Uint8Array(Buffer.from(id, "hex"));
  }
  return values;
}
