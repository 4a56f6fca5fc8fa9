// The option --engine of verbs that work on a board: it says what runs the image there, and means nothing without one.
import { type Command, Option } from "commander";
import { EXIT, KanmonError } from "../errors.ts";
import { ENGINES } from "../firmware/board.ts";

/** Adds --engine, which needs --board: without it the image runs in V8, whatever the engine says. */
export function withEngine(command: Command, description = "what runs the image on that board"): Command {
  return command.addOption(new Option("--engine <name>", description).choices(ENGINES)).hook("preAction", () => {
    const { engine, board } = command.opts<{ engine?: string; board?: string }>();
    if (engine !== undefined && board === undefined)
      throw new KanmonError(
        "KAN-USAGE",
        "--engine needs --board",
        "Name the board whose engine it is (kanmon boards lists them), or leave --engine out: the image then runs in V8.",
        EXIT.usage,
      );
  });
}
