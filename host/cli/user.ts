// A user identifier as people type it: keyboards and file names give the same name in several Unicode forms, so it is kept in one
// (NFC), without spaces around it.

/** The identifier that `text` means; for commander's options and arguments. */
export function userOf(text: string): string {
  return text.normalize("NFC").trim();
}
