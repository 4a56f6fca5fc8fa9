// Comma-separated values as RFC 4180 says, read strictly: whoever measures must not guess. Also accepts bare LF and a byte order mark.

/** A record and the line (from 1) that it begins on. */
export interface CsvRecord {
  line: number;
  fields: string[];
}

/** A fault in the text and the line it is on. */
export class CsvError extends Error {
  readonly line: number;

  constructor(line: number, what: string) {
    super(what);
    this.line = line;
  }
}

/** All records of `text`, empty lines left out. Throws CsvError on a quote that is not closed or stands within a bare field. */
export function parseCsv(text: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;
  field.lastIndex = text.startsWith("\uFEFF") ? 1 : 0;
  let line = 1;
  let record: CsvRecord = { line, fields: [] };
  while (field.lastIndex < text.length || record.fields.length > 0) {
    const start = field.lastIndex;
    const match = field.exec(text);
    if (match === null)
      throw new CsvError(
        line,
        text[start] === '"' ? quoteFault(text, start) : "a quote within a field that does not begin with one",
      );
    const [, quoted, bare = "", end = ""] = match;
    record.fields.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    line += quoted?.match(/\r\n|\n|\r/g)?.length ?? 0;
    if (end === ",") continue;
    if (record.fields.length > 1 || record.fields[0] !== "") records.push(record);
    line++;
    record = { line, fields: [] };
  }
  return records;
}

/** Whether the quote at `start` is never closed, or closed before the field's end. */
function quoteFault(text: string, start: number): string {
  return /^"(?:[^"]|"")*"(?!")/.test(text.slice(start, start + 65536))
    ? "something follows the closing quote of a field"
    : "a quote is not closed";
}

/** A field as CSV text, quoted where it must be. */
export function csvField(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
