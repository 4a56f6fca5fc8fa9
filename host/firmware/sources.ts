// boards/port/sources.json: which C the firmware is made of besides a board's own, and how it is compiled. A group is sources of one
// folder compiled alike; wasm3 and Ed25519 are taken from their npm packages.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { EXIT, KanmonError } from "../errors.ts";
import { packageFolder, projectRoot } from "../root.ts";
import { ENGINES, type Engine } from "./board.ts";

const Group = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/),
  folder: z.string().describe("from the project's folder, or npm:PACKAGE/FOLDER"),
  sources: z.array(z.string()).min(1),
  include: z.array(z.string()).default([]).describe("folders, written as `folder` is"),
  flags: z.array(z.string()).default([]),
  engine: z.enum(ENGINES).optional().describe("only with this engine"),
  firmware: z.enum(["product", "lab"]).optional().describe("only in this kind"),
});

const Sources = z.strictObject({
  flags: z.array(z.string()).describe("for all C, also the board's and what the build generates"),
  own: z
    .array(z.string())
    .default([])
    .describe("more flags for C that is ours: the board's and what the build generates"),
  include: z.array(z.string()).default([]),
  link: z.array(z.string()).default([]),
  groups: z.array(Group).min(1),
});

/** A group with its folders found: all paths absolute. */
export interface SourceGroup {
  readonly name: string;
  readonly sources: readonly string[];
  readonly include: readonly string[];
  readonly flags: readonly string[];
}

export interface FirmwareSources {
  readonly flags: readonly string[];
  readonly own: readonly string[];
  readonly include: readonly string[];
  readonly link: readonly string[];
  readonly groups: readonly SourceGroup[];
}

/** The groups that a firmware of `engine` has. Throws KAN-BUILD-SOURCES: a package is not installed, the file is wrong. */
export function loadSources(engine: Engine, lab: boolean): FirmwareSources {
  const path = join(projectRoot(), "boards", "port", "sources.json");
  const { groups, include, ...rest } = Sources.parse(JSON.parse(readFileSync(path, "utf8")));
  const wanted = groups.filter(
    (group) =>
      (group.engine ?? engine) === engine && (group.firmware === undefined || (group.firmware === "lab") === lab),
  );
  return {
    ...rest,
    include: include.map(find),
    groups: wanted.map(({ name, folder, sources, include, flags }) => ({
      name,
      sources: sources.map((source) => join(find(folder), source)),
      include: include.map(find),
      flags,
    })),
  };
}

/** The absolute path of a folder written as in sources.json. */
function find(folder: string): string {
  const [, scope = "", name, rest = ""] = /^npm:(@[^/]+\/)?([^/]+)\/?(.*)$/.exec(folder) ?? [];
  if (name === undefined) return join(projectRoot(), folder);
  const found = packageFolder(scope + name);
  if (found) return join(found, rest);
  throw new KanmonError(
    "KAN-BUILD-SOURCES",
    `C sources of the npm package ${scope + name} are not installed`,
    "Firmware is built in a checkout of the project: run `npm ci` there.",
    EXIT.input,
  );
}
