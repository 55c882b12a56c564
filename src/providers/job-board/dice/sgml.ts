/** A block of a batch: one job, one tag a line. What there is nothing for is left out. */
export function blockOf(tags: Readonly<Record<string, string | null>>): string {
  const lines = Object.entries(tags).flatMap(([tag, value]) =>
    value === null || value.trim() === "" ? [] : [`<${tag}>${escaped(value)}</${tag}>`],
  );
  return `<doc>\n${lines.join("\n")}\n</doc>\n`;
}

/** ASCII alone, whatever Dice takes a file's bytes for; other letters are numbers of theirs (ISO 8879 §9.5). */
function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/\r\n?/g, "\n")
    .replaceAll("\t", " ")
    .replaceAll(/[^\n\x20-\x7e]/gu, (letter) => (isText(letter) ? `&#${letter.codePointAt(0)};` : ""));
}

/** Nobody can read the others, nor half a letter. */
function isText(letter: string): boolean {
  return !/[\p{Cc}\p{Cs}]/u.test(letter);
}
