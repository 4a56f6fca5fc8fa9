// The link's façade: all that the rest of the image imports of it.
export { ANSWER, INPUT, INPUT_BYTES, MESSAGE_BYTES, WINDOW } from "./buffers";
export { linkReceive, linkServe, linkWipe } from "./decoder";
export { FRAMING_COBS, FRAMING_CONSOLE, linkPump, linkSend } from "./transmit";
