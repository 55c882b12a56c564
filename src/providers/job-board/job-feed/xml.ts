/** An element: with text, with elements in it, or, when that is null, left out. */
export type XmlElement = readonly [name: string, content: string | readonly XmlElement[] | null];

export const declaration = '<?xml version="1.0" encoding="utf-8"?>\n';

/** Elements as text, every value in CDATA: then nothing has to be escaped, and descriptions keep their HTML. */
export function xmlOf(elements: readonly XmlElement[]): string {
  return elements
    .map(([name, content]) => {
      if (content === null) return "";
      if (typeof content === "string") return `<${name}><![CDATA[${charactersOf(content)}]]></${name}>\n`;
      return `<${name}>\n${xmlOf(content)}</${name}>\n`;
    })
    .join("");
}

/** A list that is left out when it is empty. */
export function listOf(name: string, entry: string, values: readonly string[]): XmlElement {
  return [name, values.length > 0 ? values.map((value) => [entry, value] as const) : null];
}

/** Whatever XML 1.0 §2.2 does not count as a character, lone surrogates among it. */
const illegal = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/** Without what is no character in XML, and then with no end of a CDATA section in it. */
function charactersOf(text: string): string {
  return text.replaceAll(illegal, "").replaceAll("]]>", "]]]]><![CDATA[>");
}
