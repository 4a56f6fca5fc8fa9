// What the board says of itself (board.ts, board_info), as pairs of an info answer: both the reader's and the recovery image's have them.
import { board_info } from "../board";
import { putBool, putBytes, putNull, putText, putTextFrom, putUint } from "../link/cbor-write";

const FACTS: usize = memory.data(80, 8);
const NAME_BYTES: i32 = 32;

const BOOTS: StaticArray<string> = ["power", "reset", "trap", "watchdog"];
const ENGINES: StaticArray<string> = ["v8", "wasm3", "aot"];

/** Asks the board; to be called before the others. Facts that it does not give are zero. */
export function boardRead(): void {
  if (board_info(FACTS) != 0) memory.fill(FACTS, 0, 80);
}

function word(value: u8, words: StaticArray<string>): string {
  return (value as i32) < words.length ? unchecked(words[value]) : "unknown";
}

/** Why it started. */
export function putBoot(): void {
  putText("boot");
  putText(word(load<u8>(FACTS, 1), BOOTS));
}

/** The running slot, null if none. */
export function putSlot(): void {
  putText("slot");
  const slot = load<u8>(FACTS, 4);
  if (slot == 255) putNull();
  else putUint(slot);
}

/** The board's name. */
export function putBoard(): void {
  let length = 0;
  while (length < NAME_BYTES && load<u8>(FACTS + 16 + (length as usize))) length++;
  putText("board");
  putTextFrom(FACTS + 16, length);
}

/** Traps since power-on. */
export function putTraps(): void {
  putText("traps");
  putUint(load<u8>(FACTS, 3));
}

/** Whatever runs the image. */
export function putEngine(): void {
  putText("engine");
  putText(word(load<u8>(FACTS), ENGINES));
}

/** SHA-256 of the runner's code. */
export function putRunner(): void {
  putText("runner");
  putBytes(FACTS + 48, 32);
}

/** The lowest security counter that boots. */
export function putSecurity(): void {
  putText("security");
  putUint(load<u32>(FACTS, 8));
}

/** Whether images signed with a development key boot. */
export function putDevelopmentImages(): void {
  putText("development_images");
  putBool((load<u8>(FACTS, 2) & 2) != 0);
}
