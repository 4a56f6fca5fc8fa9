// Where the project lies: sources and compiled files run from different depths below it.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The folder of package.json: the sources lie in it, and the compiled files below it. */
export function projectRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** The folder of an installed npm package, wherever npm put it; undefined: it is not installed. */
export function packageFolder(name: string): string | undefined {
  // Looked for by folder and not resolved as a module: packages that we take C sources from export no JavaScript that node could load.
  for (const folder of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    if (existsSync(join(folder, name, "package.json"))) return join(folder, name);
  }
  return undefined;
}
