/**
 * Whether every element of an XML document is closed, in order, up to its end. The parser behind tsdav takes a document
 * that was cut off for a whole one with fewer entries, and what is not listed counts as deleted.
 */
export function isWellFormed(xml: string): boolean {
  const open: string[] = [];
  let elements = 0;
  for (const [markup, close, name, empty] of xml.matchAll(markupPattern)) {
    if (markup === "<") return false;
    if (name === undefined) continue;
    if (close) {
      if (open.pop() !== name) return false;
      continue;
    }
    elements++;
    if (!empty) open.push(name);
  }
  return elements > 0 && open.length === 0;
}

/** A comment, CDATA, instruction, DOCTYPE or tag; else the `<` of something that is none of them. */
const markupPattern =
  /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>|<!DOCTYPE[^<>]*>|<(\/?)([^\s<>/!?]+)(?:"[^"]*"|'[^']*'|[^'"<>])*?(\/?)>|</g;
