// Errors of modules that match by themselves: what was wrong, where, and what to do, with a code that docs/errors.md explains. They carry
// the module's own result codes at most, never a name or an id's owner.

/** Every code such a module's driver can raise. */
export type ModuleErrorCode =
  | "KAN-MODULE-NO-ANSWER"
  | "KAN-MODULE-UNPLUGGED"
  | "KAN-MODULE-CLOSED"
  | "KAN-MODULE-BUSY"
  | "KAN-MODULE-STATE"
  | "KAN-MODULE-ANSWER"
  | "KAN-MODULE-REFUSED"
  | "KAN-MODULE-RESTARTED"
  | "KAN-MODULE-LEFT"
  | "KAN-MODULE-INPUT";

const HELP: Record<ModuleErrorCode, string> = {
  "KAN-MODULE-NO-ANSWER": "Check power, cable, family, and that the line is 115200 8N1.",
  "KAN-MODULE-UNPLUGGED": "Plug the module in again and repeat the command.",
  "KAN-MODULE-CLOSED": "Open the module again before using it.",
  "KAN-MODULE-BUSY": "Wait for the running command to end, or reset the module.",
  "KAN-MODULE-STATE": "Switch the module off and on; if it says the same again, it is defective.",
  "KAN-MODULE-ANSWER":
    "Check the family; if it is right, docs/efaa.md does not describe this module's firmware: report its version.",
  "KAN-MODULE-REFUSED": "See docs/efaa.md, 'Results'.",
  "KAN-MODULE-RESTARTED":
    "The module lost its power for a moment: check the supply, then list who is enrolled before enrolling again.",
  "KAN-MODULE-LEFT":
    "Delete again; if somebody is still left, the module did not erase what it should have: take it out of service.",
  "KAN-MODULE-INPUT": "See docs/efaa.md, 'Families', for what this family takes.",
};

/** `exit`: the command line's exit code, 4 for "device or link", 3 for "bad input". */
export class ModuleError extends Error {
  override readonly name = "ModuleError";
  readonly code: ModuleErrorCode;
  readonly help: string;
  readonly exit: 3 | 4;

  /** @param help what to do, where more is known than the code tells. */
  constructor(code: ModuleErrorCode, message: string, help = HELP[code], options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.help = help;
    this.exit = code === "KAN-MODULE-INPUT" ? 3 : 4;
  }
}
