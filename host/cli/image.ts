// `kanmon image keygen|sign|verify|info`: signed images in MCUboot's format (docs/image.md), and the keys that sign them.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { ed25519Key } from "../cose.ts";
import { EXIT, isReported, KanmonError } from "../errors.ts";
import { parseImage, type SignedImage, TLV_NAMES } from "../image/format.ts";
import { isPkcs11, makeHsmKey } from "../image/hsm.ts";
import { DEVELOPMENT_KEY_FILE, developmentKey, existsError, loadKey, loadPublicKey, makeKey } from "../image/keys.ts";
import { keyHash, type Signer, signImage } from "../image/sign.ts";
import { verifyImage } from "../image/verify.ts";
import { formatVersion, type ImageVersion, parseVersion } from "../image/version.ts";
import { warnReadable } from "./key-file.ts";
import { HANDED_OUT, refuseOverwrite, writeOut } from "./out-file.ts";
import type { Output } from "./output.ts";
import { examples, type Verb } from "./verb.ts";
import { whole } from "./whole.ts";

interface SignOptions {
  key?: string;
  imageVersion: ImageVersion;
  securityCounter: number;
  production?: boolean;
}

const KEY = "an Ed25519 key in PEM, or pkcs11:… of one in an HSM (default: this checkout's development key)";

export const image: Verb = (output) =>
  new Command("image")
    .description("sign images for boards, verify them, and say what is in them")
    .addCommand(
      new Command("keygen")
        .description(
          "make an Ed25519 key that signs images, and beside its file one with the public half (KEY.pub.pem)",
        )
        .requiredOption("--out <pem>", "a new file, or pkcs11:… to make the key inside an HSM")
        .option("--development", "mark it, and what it signs, as never for production")
        .addHelpText("after", examples(["A key", "kanmon image keygen --out KEY.pem"]))
        .action((options: { out: string; development?: boolean }) => keygen(options, output)),
    )
    .addCommand(
      new Command("sign")
        .description("sign a WASM image")
        .argument("<wasm>", "the image, build/kanmon.wasm")
        .argument("<bin>", "where the signed image goes")
        .option("--key <key>", KEY)
        .requiredOption("--image-version <version>", "major.minor.revision, with +build if there is one", version)
        .requiredOption("--security-counter <n>", "boards refuse images whose counter is lower than theirs", counter)
        .option("--production", "refuse development keys")
        .addHelpText(
          "after",
          examples(
            [
              "For a board on the desk",
              "kanmon image sign --image-version 1.2.3 --security-counter 7 build/kanmon.wasm OUT.bin",
            ],
            [
              "For boards in the field, with a key in an HSM (its PIN in a file, or in KANMON_PIN)",
              "kanmon image sign --production --key 'pkcs11:token=kanmon;object=images?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/run/pin' --image-version 1.2.3 --security-counter 7 build/kanmon.wasm OUT.bin",
            ],
          ),
        )
        .action((wasm: string, bin: string, options: SignOptions) => sign(wasm, bin, options, output)),
    )
    .addCommand(
      new Command("verify")
        .description("verify a signed image under a key, private or public")
        .argument("<bin>", "the signed image")
        .option("--key <key>", KEY)
        .addHelpText("after", examples(["With the public half alone", "kanmon image verify --key PUBLIC.pem OUT.bin"]))
        .action((bin: string, options: { key?: string }) => verify(bin, options, output)),
    )
    .addCommand(
      new Command("info")
        .description("print what a signed image says, verified or not")
        .argument("<bin>", "the signed image")
        .addHelpText("after", examples(["All there is", "kanmon image info OUT.bin"]))
        .action((bin: string) => info(bin, output)),
    );

function keygen({ out, development = false }: { out: string; development?: boolean }, output: Output): void {
  if (development && isPkcs11(out))
    throw new KanmonError(
      "KAN-USAGE",
      "--development marks a key's file, and a key in an HSM has none",
      "Leave --development out, or make the key in a file.",
      EXIT.usage,
    );
  const publicFile = isPkcs11(out) ? undefined : `${out.replace(/\.pem$/, "")}.pub.pem`;
  if (publicFile !== undefined && existsSync(publicFile)) throw existsError(publicFile);
  const key = isPkcs11(out) ? makeHsmKey(out) : makeKey(out, development);
  if (publicFile !== undefined)
    writeOut(publicFile, ed25519Key(key).export({ format: "pem", type: "spki" }) as string, HANDED_OUT);
  const [publicKey, hash] = [hex(key), hex(keyHash(key))];
  const where = isPkcs11(out) ? "made in the HSM" : out;
  output.answer(
    { key: out, public_key_file: publicFile, public_key: publicKey, key_hash: hash, development },
    `${where}${development ? " (development)" : ""}${publicFile === undefined ? "" : `\npublic half in ${publicFile}: for kanmon build --root-key and kanmon image verify --key`}\npublic key ${publicKey}\nkey hash   ${hash}`,
  );
}

function sign(wasm: string, bin: string, options: SignOptions, output: Output): void {
  refuseOverwrite(bin, wasm, options.key ?? DEVELOPMENT_KEY_FILE);
  const signer = signerOf(options, output);
  const { imageVersion, securityCounter } = options;
  const bytes = signImage({ wasm: readInput(wasm), version: imageVersion, securityCounter, signer });
  writeOut(bin, bytes, HANDED_OUT);
  // Only where something was signed.
  if (options.key === undefined)
    output.note("note: signed with the development key; only boards built in this checkout take the image");
  const facts = summary(parseImage(bytes));
  output.answer(
    { file: bin, bytes: bytes.length, ...facts },
    `${bin}: version ${facts.version}, security counter ${facts.security_counter}, ${bytes.length} bytes${facts.development ? ", signed with a development key" : ""}\nimage digest ${facts.payload_digest}`,
  );
}

/** The signer that the options name. Throws KAN-IMAGE-DEVELOPMENT where --production meets a development key. */
function signerOf({ key, production }: SignOptions, output: Output): Signer {
  const signer = key === undefined ? undefined : loadKey(key);
  if (production && (!signer || signer.development))
    throw new KanmonError(
      "KAN-IMAGE-DEVELOPMENT",
      signer
        ? "--production: the key is a development key"
        : "--production: no --key, and the default is the development key",
      "Give the key that boards in the field trust, made with `kanmon image keygen` and kept apart from development.",
      EXIT.policy,
    );
  warnReadable(key, output);
  if (signer) return signer;
  if (!existsSync(DEVELOPMENT_KEY_FILE))
    output.note(`note: made a development key for this checkout, ${DEVELOPMENT_KEY_FILE}`);
  return developmentKey();
}

function verify(bin: string, { key }: { key?: string }, output: Output): void {
  const publicKey = loadPublicKey(key ?? DEVELOPMENT_KEY_FILE);
  const bytes = readInput(bin);
  let facts: ReturnType<typeof summary>;
  try {
    facts = summary(verifyImage(bytes, publicKey, bin));
  } catch (error) {
    if (!(output.json && isReported(error) && error.exit === EXIT.no)) throw error;
    const { code, message, help, exit } = error;
    output.answer({ verified: false, file: bin, error: { code, message, help } }, "", exit);
    return;
  }
  output.answer(
    { verified: true, file: bin, ...facts },
    `${bin}: verified: version ${facts.version}, security counter ${facts.security_counter}${facts.development ? ", signed with a development key" : ""}\nimage digest ${facts.payload_digest}`,
  );
}

function info(bin: string, output: Output): void {
  const image = parseImage(readInput(bin), bin);
  const { header, tlvs } = image;
  const facts = summary(image);
  const list = tlvs.map(({ type, protected: isProtected, offset, value }) => ({
    type,
    name: TLV_NAMES[type],
    protected: isProtected,
    offset,
    value: hex(value),
  }));
  const lines = [
    ["version", facts.version],
    ["security counter", String(facts.security_counter)],
    ["development", facts.development ? "yes: signed with a development key, never for production" : "no"],
    ["image digest", `${facts.payload_digest} (SHA-256 of the WASM, as records name it)`],
    ["digest", `${facts.digest} (SHA-256 that is signed)`],
    ["key hash", facts.key_hash],
    ["load address", `0x${header.loadAddress.toString(16)}`],
    ["header", `${header.headerSize} bytes`],
    ["payload", `${header.imageSize} bytes`],
    ["protected TLVs", `${header.protectedTlvSize} bytes`],
    ["flags", `0x${header.flags.toString(16)}`],
    ...list.map((each) => [
      `${each.protected ? "protected " : ""}TLV`,
      `0x${each.type.toString(16).padStart(2, "0")} ${each.name}, ${each.value.length / 2} bytes at ${each.offset}: ${each.value}`,
    ]),
  ] as [string, string][];
  output.answer(
    {
      file: bin,
      ...facts,
      header: {
        load_address: header.loadAddress,
        header_size: header.headerSize,
        protected_tlv_size: header.protectedTlvSize,
        image_size: header.imageSize,
        flags: header.flags,
      },
      tlvs: list,
    },
    `${bin}: not verified here; that is \`kanmon image verify\`\n${lines.map(([name, value]) => `${name.padEnd(18)}${value}`).join("\n")}`,
  );
}

/** What people and scripts ask of an image. */
function summary(image: SignedImage) {
  return {
    version: formatVersion(image.version),
    security_counter: image.securityCounter,
    development: image.development,
    payload_digest: createHash("sha256").update(image.payload).digest("hex"),
    digest: hex(image.digest),
    key_hash: hex(image.keyHash),
  };
}

function version(text: string): ImageVersion {
  try {
    return parseVersion(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function counter(text: string): number {
  const value = whole(0)(text);
  if (value > 0xffffffff) throw new InvalidArgumentError("must be at most 4294967295.");
  return value;
}

function readInput(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new KanmonError(
      "KAN-FILE",
      `${path} cannot be read (${(error as NodeJS.ErrnoException).code})`,
      "Check the path.",
    );
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
