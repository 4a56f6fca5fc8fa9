// Errors of the sensor side: what was wrong, where, and what to do, with a code that docs/errors.md explains. They carry numbers of
// the protocol at most, never a byte of a frame.

/** Every code a sensor driver can raise. */
export type SensorErrorCode =
  | "KAN-SENSOR-OPEN"
  | "KAN-SENSOR-NO-ANSWER"
  | "KAN-SENSOR-UNPLUGGED"
  | "KAN-SENSOR-CLOSED"
  | "KAN-SENSOR-BUSY"
  | "KAN-SENSOR-ANSWER"
  | "KAN-SENSOR-REFUSED"
  | "KAN-SENSOR-RESTARTED"
  | "KAN-SENSOR-SETTINGS"
  | "KAN-SENSOR-STUCK"
  | "KAN-SENSOR-FRAME"
  | "KAN-SENSOR-KIND";

const HELP: Record<SensorErrorCode, string> = {
  "KAN-SENSOR-OPEN": "Check the port's name, that the module is plugged in, and that no other program holds the port.",
  "KAN-SENSOR-NO-ANSWER": "Check power, cable and line speed, and that the port is a Kanmon sensor module's.",
  "KAN-SENSOR-UNPLUGGED": "Plug the sensor module in again and repeat the capture.",
  "KAN-SENSOR-CLOSED": "Open the sensor again before using it.",
  "KAN-SENSOR-BUSY": "Wait for the running capture to end, or abort it, before starting another.",
  "KAN-SENSOR-ANSWER":
    "The module does not keep to docs/sensor-protocol.md: update its firmware or report it to its maker.",
  "KAN-SENSOR-REFUSED": "See docs/sensor-protocol.md, 'Refusals', for the reason the module gave.",
  "KAN-SENSOR-RESTARTED": "The module lost its state, most likely its power: check the supply and repeat the capture.",
  "KAN-SENSOR-SETTINGS": "Choose settings within the module's capabilities.",
  "KAN-SENSOR-STUCK":
    "Restart the module; if it happens again, read its health report for a failed LED or image sensor.",
  "KAN-SENSOR-FRAME":
    "Repeat the capture; if it happens again, the module and the driver disagree about the frame or the line is bad.",
  "KAN-SENSOR-KIND": "Plug in a module of the wanted modality, or use the driver that fits this one.",
};

/** An error of a sensor, its line or its settings. `exit` is the command line's exit code for "device or link". */
export class SensorError extends Error {
  override readonly name = "SensorError";
  readonly code: SensorErrorCode;
  readonly help: string;
  readonly exit = 4;

  constructor(code: SensorErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.help = HELP[code];
  }
}
