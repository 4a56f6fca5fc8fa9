// The simulated module of `kanmon module --simulate`: whom it enrolled is kept beside the simulated reader's state, so that one call
// enrols and the next one verifies. Its people are numbers.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Family } from "../../hal/efaa/dialects.ts";
import type { EfaaSubject } from "../../hal/sim/efaa-module.ts";
import { openSimulatedEfaa, type SimulatedEfaa } from "../../hal/sim/simulated-efaa.ts";
import { KanmonError } from "../errors.ts";

const Kept = z.array(
  z.strictObject({
    id: z.int().min(0).max(0x7fff),
    person: z.int(),
    modality: z.enum(["face", "palm"]),
    name: z.base64().max(64),
    admin: z.boolean(),
  }),
);

/** Starts it with a subject before it, or nobody. `close` keeps who is enrolled. Throws KAN-STATE-FOLDER, KAN-STATE-MODULE. */
export async function startSimulatedModule(
  family: Family,
  folder: string,
  subject?: EfaaSubject,
): Promise<SimulatedEfaa> {
  const path = join(folder, `module-${family}.json`);
  const kept = read(path);
  const simulated = await openSimulatedEfaa(family);
  const { module } = simulated;
  for (const { id, name, ...user } of kept) module.users.put(id, { ...user, name: Buffer.from(name, "base64") });
  module.present(subject);
  return {
    ...simulated,
    close: async () => {
      await simulated.close();
      const users = module.users.ids().map((id) => ({ id, ...module.users.get(id) }));
      write(
        folder,
        path,
        users.map((user) => ({ ...user, name: Buffer.from(user.name ?? []).toString("base64") })),
      );
    },
  };
}

function read(path: string): z.infer<typeof Kept> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return [];
  }
  try {
    return Kept.parse(JSON.parse(text));
  } catch {
    throw new KanmonError(
      "KAN-STATE-MODULE",
      `${path} is damaged`,
      "Delete it: the simulated module then knows nobody.",
    );
  }
}

function write(folder: string, path: string, users: unknown): void {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, JSON.stringify(users), { mode: 0o600 });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new KanmonError(
      "KAN-STATE-FOLDER",
      `${path} cannot be written (${code})`,
      "Name another folder with --state.",
    );
  }
}
