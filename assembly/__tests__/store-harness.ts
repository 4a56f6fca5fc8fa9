// The journal alone as a module, for the tests that cut its power: the same code as in the image, with two buffers.

export { abort } from "../board";
export { blockBytes, blockCount, erasesOf } from "../store/blocks";
export * from "../store/journal";

const BUFFER: usize = memory.data(32768, 16);

/** Where a test puts data (16 KiB) and, behind it, where it gets data (16 KiB). */
export function buffer(): usize {
  return BUFFER;
}
