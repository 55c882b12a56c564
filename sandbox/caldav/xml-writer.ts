import { dav } from "./namespaces.ts";

/** An element of an answer. */
export interface XmlNode {
  readonly ns: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly content: readonly (XmlNode | string)[];
  /** Its text is long and is not escaped where the vendor uses CDATA. */
  readonly isData: boolean;
}

export interface XmlStyle {
  /** By namespace, declared once at the top; null declares a default namespace at each element, as Apple does. */
  readonly prefixes: Readonly<Record<string, string>> | null;
  /** Whether calendar data comes as CDATA. */
  readonly cdata: boolean;
}

export function node(ns: string, name: string, ...content: readonly (XmlNode | string)[]): XmlNode {
  return { ns, name, attributes: {}, content, isData: false };
}

export function dataNode(ns: string, name: string, data: string): XmlNode {
  return { ns, name, attributes: {}, content: [data], isData: true };
}

export function hrefNode(href: string): XmlNode {
  return node(dav, "href", href);
}

export function writeXml(root: XmlNode, style: XmlStyle): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(root, style, true)}\n`;
}

function element({ ns, name, attributes, content, isData }: XmlNode, style: XmlStyle, isRoot = false): string {
  const { prefixes, cdata } = style;
  const prefix = prefixes?.[ns];
  const tag = prefix === undefined ? name : `${prefix}:${name}`;
  const declared = prefix === undefined ? [["xmlns", ns]] : [];
  const all = isRoot ? Object.entries(prefixes ?? {}).map(([uri, known]) => [`xmlns:${known}`, uri]) : [];
  const written = [...all, ...declared, ...Object.entries(attributes)].map(
    ([key, value = ""]) => ` ${key}="${escaped(value).replaceAll('"', "&quot;")}"`,
  );
  const inner = content.map((part) => {
    if (typeof part !== "string") return element(part, style);
    return isData && cdata ? `<![CDATA[${part.replaceAll("]]>", "]]]]><![CDATA[>")}]]>` : escaped(part);
  });
  const start = `<${tag}${written.join("")}`;
  return inner.length === 0 ? `${start}/>` : `${start}>${inner.join("")}</${tag}>`;
}

/** A carriage return would be read as a line feed (XML 1.0 §2.11). */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\r", "&#13;");
}
