// The wire on the host side: what the device client and the sensor protocol import.
export { LinkDecoder, type OnMessage } from "./decoder.ts";
export { type Framing, frameMessage, MESSAGE_BYTES } from "./encoder.ts";
export { MGMT_ERR, OP, SMP_HEADER_BYTES, type SmpHeader, smpBody, smpFits, smpHeader, smpMessage } from "./smp.ts";
