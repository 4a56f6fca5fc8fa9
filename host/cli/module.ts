// `kanmon module version|enroll|verify|delete|list|reset`: a module that matches by itself, over the EF AA protocol. It is used only where the
// policy in force on the reader permits it, and nothing it decides is recorded: both are said each time.
import { Command, Option } from "commander";
import type { Modality } from "../../hal/driver.ts";
import { FAMILIES, type Family } from "../../hal/efaa/dialects.ts";
import { EfaaModule } from "../../hal/efaa/module.ts";
import type { EnrolledUsers, FlowOptions, OnModuleMatcher } from "../../hal/on-module.ts";
import { EXIT, KanmonError } from "../errors.ts";
import type { Policy } from "../policy/document.ts";
import { readPolicy } from "../policy/sign.ts";
import { NO_RECORD, requireOnModule, underPolicy } from "../terminal/on-module.ts";
import type { Output } from "./output.ts";
import { openReader, stateFolder } from "./reader.ts";
import { startSimulatedModule } from "./simulated-module.ts";
import { userOf } from "./user.ts";
import { examples, type Verb } from "./verb.ts";
import { whole } from "./whole.ts";

interface Options {
  family: Family;
  port?: string;
  simulate?: boolean;
  person: number;
  modality: Modality;
  state?: string;
  reader?: string;
  timeout: number;
}

type Enroll = Options & { name: string; admin?: boolean; poses: "front" | "all" };

/** What an answer says of every such module. */
const CLAIMS = { matching: "on-module", template_protection: "none claimed", record: null } as const;

export const module: Verb = (output) =>
  new Command("module")
    .description("use a module that matches by itself (HLK-FM22x, DFRobot Biometric), where the policy permits it")
    .addCommand(
      ofModule("version", "what the module says of itself").action((options: Options) =>
        work(options, output, (matcher) => version(matcher, output)),
      ),
    )
    .addCommand(
      waiting(ofModule("enroll", "enrol whoever is presented, in the module"))
        .requiredOption("--name <name>", "kept by the module and told with each match", userOf)
        .option("--admin", "as one of the module's administrators")
        .addOption(
          new Option("--poses <which>", "one presentation, or one a pose").choices(["front", "all"]).default("front"),
        )
        .addHelpText(
          "after",
          examples([
            "A palm",
            "kanmon module enroll --family dfrobot-biometric --port /dev/ttyUSB0 --modality palm --name alice",
          ]),
        )
        .action((options: Enroll) =>
          work(options, output, (matcher) => enroll(matcher, options, output), [options.modality]),
        ),
    )
    .addCommand(
      waiting(ofModule("verify", "ask the module who is presented"))
        .option("--id <n>", "who they claim to be: any other match is a no", whole(0))
        .addHelpText("after", examples(["Without hardware", "kanmon module verify --family hlk-fm22x --simulate"]))
        .action((options: Options & { id?: number }) =>
          work(options, output, (matcher) => verify(matcher, options, output), "all"),
        ),
    )
    .addCommand(
      ofModule("delete", "delete a user, or all")
        .argument("[id]", "the user's number in the module", whole(0))
        .option("--all", "everybody, and ask whether anybody is left")
        .action((id: number | undefined, options: Options & { all?: boolean }) =>
          work(options, output, (matcher) => remove(matcher, id, options.all ?? false, output)),
        ),
    )
    .addCommand(
      ofModule("list", "who is enrolled in the module").action((options: Options) =>
        work(options, output, (matcher) => list(matcher, output)),
      ),
    )
    .addCommand(
      ofModule("reset", "end whatever the module is doing; its users stay").action((options: Options) =>
        work(options, output, async (matcher) => {
          await matcher.reset();
          output.answer({ reset: true }, "the module stands by");
        }),
      ),
    );

function ofModule(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(new Option("--family <name>", "what it speaks").choices(FAMILIES).makeOptionMandatory())
    .option("--port <path>", "the module's serial port")
    .addOption(new Option("--simulate", "a simulated module, on a virtual serial line").conflicts("port"))
    .option("--person <n>", "who is before the simulated module; 0: nobody", whole(0), 1)
    .addOption(new Option("--modality <name>", "what is presented").choices(["face", "palm"]).default("face"))
    .option("--state <dir>", "folder of the simulated reader whose policy decides (default: .kanmon)")
    .option("--reader <path>", "port of a real reader whose policy decides");
}

/** Adds what flows have that wait for somebody. */
function waiting(command: Command): Command {
  return command.option("--timeout <s>", "how long the module waits, 1 to 255", whole(1), 10);
}

/** Opens the module and works with it. `needs`: what a policy must permit, asked before the module is. */
async function work(
  options: Options,
  output: Output,
  does: (matcher: OnModuleMatcher) => Promise<void>,
  needs: readonly Modality[] | "all" = [],
): Promise<void> {
  const { family, port, simulate, person, modality } = options;
  if (port === undefined && !simulate)
    throw new KanmonError(
      "KAN-USAGE",
      "neither --port nor --simulate is given",
      "Name the module's port, or take a simulated module.",
      EXIT.usage,
    );
  const policy = needs.length > 0 ? await policyInForce(options, output) : undefined;
  if (policy && needs !== "all") requireOnModule(policy, needs);
  const subject = person > 0 ? { person, modality } : undefined;
  const opened = simulate ? await startSimulatedModule(family, stateFolder(options), subject) : undefined;
  const matcher = opened?.matcher ?? (await EfaaModule.open(port as string, family));
  try {
    await does(policy ? underPolicy(matcher, policy) : matcher);
  } finally {
    await (opened ?? matcher).close();
  }
}

/** The policy of the reader: one that its authority signed, or it would not be in force. */
async function policyInForce({ state, reader: port }: Options, output: Output): Promise<Policy> {
  const reader = await openReader({ ...(state ? { state } : {}), ...(port ? { port } : {}) }, output);
  try {
    return readPolicy((await reader.device.policy()).document).policy;
  } finally {
    await reader.close();
  }
}

async function version(matcher: OnModuleMatcher, output: Output): Promise<void> {
  const { capabilities } = matcher;
  const identity = await matcher.identify();
  const { vendor, family, firmware = "not told", serial = "not told" } = identity;
  output.answer(
    { ...identity, ...capabilities },
    `${vendor} ${family}, firmware ${firmware}, serial ${serial}; matches ${capabilities.modalities.join(", ")} by itself, template protection: none claimed`,
  );
}

async function enroll(matcher: OnModuleMatcher, options: Enroll, output: Output): Promise<void> {
  const { modality, name, admin = false, poses } = options;
  const onPose = (pose: string): void => output.note(`present: ${modality === "palm" ? "the palm" : pose}`);
  const outcome = await stoppable(options, output, (flow) =>
    matcher.enroll({ modality, name, admin, poses, onPose, ...flow }),
  );
  const text = outcome.enrolled ? `enrolled in the module as ${outcome.id}` : `not enrolled: ${words(outcome.reason)}`;
  output.answer({ ...outcome, modality, ...CLAIMS }, `${text}\n${NO_RECORD}`, outcome.enrolled ? EXIT.done : EXIT.no);
}

async function verify(matcher: OnModuleMatcher, options: Options & { id?: number }, output: Output): Promise<void> {
  const outcome = await stoppable(options, output, (flow) => matcher.verify(flow));
  const accepted = outcome.matched && (options.id === undefined || options.id === outcome.id);
  const who = outcome.matched
    ? `the module says it is ${outcome.id} "${outcome.name}" (${outcome.modality})`
    : words(outcome.reason);
  output.answer(
    { accepted, ...outcome, ...CLAIMS },
    `${accepted ? "accepted" : "not accepted"}: ${who}\n${NO_RECORD}`,
    accepted ? EXIT.done : EXIT.no,
  );
}

async function remove(matcher: OnModuleMatcher, id: number | undefined, all: boolean, output: Output): Promise<void> {
  if (all === (id !== undefined))
    throw new KanmonError("KAN-USAGE", "give one user's number, or --all", "See `kanmon module list`.", EXIT.usage);
  if (id === undefined) {
    await matcher.deleteAll();
    return output.answer({ deleted: "all" }, "deleted all; the module says nobody is left");
  }
  const was = await matcher.delete(id);
  output.answer(
    { deleted: was, id },
    was ? `deleted ${id}` : `the module has no user ${id}`,
    was ? EXIT.done : EXIT.no,
  );
}

async function list(matcher: OnModuleMatcher, output: Output): Promise<void> {
  const users = await matcher.list();
  const line = ({ modality, count, ids }: EnrolledUsers): string =>
    `${modality}: ${count}${ids === undefined ? " (which, this family does not tell)" : ids.length > 0 ? ` (${ids.join(", ")})` : ""}`;
  output.answer({ users }, users.map(line).join("\n"));
}

/** A result or a hint as people say it. */
function words(name: string): string {
  return name.replaceAll("_", " ");
}

/** Runs a flow that Ctrl-C ends by telling the module to stop. */
async function stoppable<T>(
  { timeout: timeout_s }: Options,
  output: Output,
  run: (flow: FlowOptions) => Promise<T>,
): Promise<T> {
  const end = new AbortController();
  const stop = (): void =>
    end.abort(new KanmonError("KAN-MODULE-STOPPED", "stopped before anybody was decided on", "Run it again.", EXIT.no));
  process.once("SIGINT", stop);
  let last = "";
  const onHint = (hint: string): void => {
    if (hint !== last) output.note(words(hint));
    last = hint;
  };
  try {
    return await run({ timeout_s, onHint, signal: end.signal });
  } finally {
    process.off("SIGINT", stop);
  }
}
