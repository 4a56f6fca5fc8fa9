// The licenses of the C library that a cross compiler links: the copyright file of its Debian package. picolibc's is in Debian's
// machine-readable form (DEP 5), and is reduced to what can be in a firmware: its test programs and scripts have other licenses.
import { existsSync, readFileSync } from "node:fs";

const LIBRARIES: Readonly<Record<string, { name: string; file: string }>> = {
  "arm-none-eabi-": { name: "newlib", file: "/usr/share/doc/libnewlib-arm-none-eabi/copyright" },
  "riscv64-unknown-elf-": { name: "picolibc", file: "/usr/share/doc/picolibc-riscv64-unknown-elf/copyright" },
};

/** Sources of picolibc that are compiled for RISC-V: all of libc and libm but other processors', and the start-up code. */
const LINKED = /^\*$|^newlib\/lib[cm]\/(?!iconv\/|machine\/(?!riscv\/))|^picocrt\/(?!machine\/(?!riscv\/))/;

/** Name and license texts of a compiler's C library; undefined text: the toolchain did not come with it. */
export function cLibrary(prefix: string): { name: string; text: string | undefined } {
  const { name, file } = LIBRARIES[prefix] ?? { name: `the C library of ${prefix}gcc`, file: "" };
  if (!existsSync(file)) return { name, text: undefined };
  const text = readFileSync(file, "utf8");
  return { name, text: (text.startsWith("Format: ") ? reduced(text) : text).trim() };
}

/** Copyright lines and license texts of the stanzas that a firmware may hold. */
function reduced(text: string): string {
  const stanzas = text.split(/\n\s*\n(?=\S)/).map(fields);
  const short = (license = "") => license.split("\n")[0]?.trim() ?? "";
  const linked = stanzas.filter(
    ({ Files = "", License = "" }) => Files.split(/\s+/).some((path) => LINKED.test(path)) && !/GPL/.test(License),
  );
  const licenses = [...new Set(linked.map(({ License }) => short(License)))];
  return licenses
    .map((license) => {
      const owners = linked
        .filter(({ License }) => short(License) === license)
        .flatMap(({ Copyright = "" }) => Copyright.split("\n").filter((owner) => owner.trim()));
      const body =
        stanzas.find(({ Files, License }) => Files === undefined && short(License) === license)?.License ?? license;
      const lines = body
        .split("\n")
        .slice(1)
        .map((line) => line.replace(/^ \.?$/, "").replace(/^ /, ""));
      return [...new Set(owners.map((owner) => `Copyright: ${owner.trim()}`)), "", ...lines].join("\n").trim();
    })
    .join("\n\n- - -\n\n");
}

/** The fields of a stanza; lines that begin with a space belong to the field before. */
function fields(stanza: string): Partial<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [, name = "", value = ""] of stanza.matchAll(/^([A-Za-z-]+):[ \t]?(.*(?:\n[ \t].*)*)/gm))
    found[name] = value;
  return found;
}
