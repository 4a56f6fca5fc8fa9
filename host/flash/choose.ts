// Which devices are meant: by port, by USB serial number or by the device's key, never by the order in which ports are found. Whatever
// could mean two devices is refused, with the candidates.
import { realpathSync } from "node:fs";
import { type ListedPort, listSerial } from "../device/serial.ts";
import { EXIT, KanmonError } from "../errors.ts";
import { FlashPort } from "./port.ts";

/** What the command line says of them. */
export interface Choice {
  readonly port?: readonly string[];
  readonly serial?: readonly string[];
  /** Device ids, or their first 8 digits and more. */
  readonly device?: readonly string[];
  readonly all?: boolean;
  readonly baud: number;
}

/** A port that was meant, and why it could not be asked. */
export interface Chosen {
  readonly port: FlashPort;
  readonly error?: unknown;
}

/**
 * Opens and asks the ports that may be meant, and keeps those that are; the others are closed. Throws KAN-FLASH-NONE, -AMBIGUOUS, -DEVICE.
 */
export async function choosePorts(choice: Choice, list = listSerial): Promise<Chosen[]> {
  const named = (choice.port?.length ?? 0) + (choice.serial?.length ?? 0) > 0;
  const listed = named && !choice.serial?.length ? [] : await list();
  const candidates = named ? unique([...given(choice.port ?? []), ...bySerial(choice.serial ?? [], listed)]) : listed;
  const asked = await Promise.all(candidates.map((facts) => ask(new FlashPort(facts, choice.baud, list))));
  try {
    const chosen = pick(asked, choice, named);
    refuseTwins(chosen);
    await close(asked.filter((each) => !chosen.includes(each)));
    return chosen;
  } catch (error) {
    await close(asked);
    throw error;
  }
}

function given(paths: readonly string[]): ListedPort[] {
  return paths.map((path) => ({ path, serial: undefined }));
}

function bySerial(serials: readonly string[], listed: readonly ListedPort[]): ListedPort[] {
  return serials.map((serial) => {
    const found = listed.filter((port) => port.serial === serial);
    if (found.length > 1)
      throw ambiguous(
        `several ports have the serial number ${serial}`,
        found.map(({ path }) => path),
      );
    if (!found[0]) throw absent(`no port has the serial number ${serial}`, listed.map(describeListed));
    return found[0];
  });
}

/** Two names of one port, such as a link in /dev/serial/by-id, are one. */
function unique(ports: readonly ListedPort[]): ListedPort[] {
  const seen = new Map<string, ListedPort>();
  for (const port of ports) {
    let real = port.path;
    try {
      real = realpathSync(port.path);
    } catch {
      // Opening it will say what is wrong.
    }
    if (!seen.has(real)) seen.set(real, port);
  }
  return [...seen.values()];
}

async function ask(port: FlashPort): Promise<Chosen> {
  try {
    await port.connect();
    return { port };
  } catch (error) {
    return { port, error };
  }
}

function pick(asked: readonly Chosen[], { device, all }: Choice, named: boolean): Chosen[] {
  const there = asked.filter(({ error }) => error === undefined);
  if (device?.length) return device.map((id) => byId(id, there));
  if (named) return [...asked];
  if (there.length === 0)
    throw new KanmonError(
      "KAN-FLASH-NONE",
      `no device answers on any USB port of this machine (${asked.length} tried)`,
      "Plug it in, or name its port: --port.",
      EXIT.device,
    );
  if (!all && there.length > 1) throw ambiguous("several devices are attached", there.map(describe));
  return there;
}

function byId(id: string, there: readonly Chosen[]): Chosen {
  if (!/^[0-9a-f]{8,16}$/i.test(id))
    throw new KanmonError(
      "KAN-USAGE",
      `"${id.slice(0, 40)}" is not a device's id`,
      "Give 8 to 16 hexadecimal digits, as `kanmon monitor` shows them.",
      EXIT.usage,
    );
  const found = there.filter(({ port }) => port.updater.device.startsWith(id.toLowerCase()));
  if (found.length > 1) throw ambiguous(`several devices' ids begin with ${id}`, found.map(describe));
  if (!found[0]) throw absent(`no device with the id ${id} answers`, there.map(describe));
  return found[0];
}

/** One device on two lines would be written twice at once; two devices with one key cannot be told apart. */
function refuseTwins(chosen: readonly Chosen[]): void {
  const there = chosen.filter(({ error }) => error === undefined);
  for (const one of there) {
    const twins = there.filter(({ port }) => port.updater.device === one.port.updater.device);
    if (twins.length > 1) throw ambiguous("one device answers on several ports", twins.map(describe));
  }
}

async function close(chosen: readonly Chosen[]): Promise<void> {
  await Promise.all(chosen.map(({ port }) => port.close()));
}

function describeListed({ path, serial }: ListedPort): string {
  return `${path} (${serial === undefined ? "no serial number" : `serial number ${serial}`})`;
}

function describe({ port }: Chosen): string {
  const { device, identity } = port.updater;
  return `${port.path}: device ${device}, ${identity.board}${port.serial === undefined ? "" : `, serial number ${port.serial}`}`;
}

function ambiguous(what: string, candidates: readonly string[]): KanmonError {
  return new KanmonError(
    "KAN-FLASH-AMBIGUOUS",
    `${what}:\n    ${candidates.join("\n    ")}`,
    "Say which: --port, --serial or --device; or --all.",
    EXIT.usage,
  );
}

function absent(what: string, candidates: readonly string[]): KanmonError {
  const there = candidates.length > 0 ? `; there are:\n    ${candidates.join("\n    ")}` : "";
  return new KanmonError(
    "KAN-FLASH-DEVICE",
    `${what}${there}`,
    "Check the number, the cable and the power.",
    EXIT.device,
  );
}
