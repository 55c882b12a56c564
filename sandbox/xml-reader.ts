/** An element, by its namespace; prefixes mean nothing (XML Namespaces §2.2). */
export interface XmlElement {
  readonly ns: string;
  readonly name: string;
  /** By local name: nobody here sends two that differ by their namespace alone. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** All text directly in it, trimmed. */
  readonly text: string;
}

export class XmlError extends Error {}

interface Open {
  readonly tag: string;
  readonly ns: string;
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly namespaces: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
}

const token =
  /<!\[CDATA\[(?<cdata>[\s\S]*?)\]\]>|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<\/(?<closed>[^\s>]+)\s*>|<(?<opened>[^\s/>!]+)(?<attributes>(?:\s+[^\s=>]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(?<empty>\/?)>|(?<text>[^<]+)/gy;
const attribute = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** Reads what is needed of XML 1.0: no document types, hence no entities of one's own. @throws {XmlError} */
export function readXml(text: string): XmlElement {
  const root: Open = open("", "", "", {}, new Map([["", ""]]));
  const path = [root];
  token.lastIndex = 0;
  const source = text.replace(/^\uFEFF/, "");
  while (token.lastIndex < source.length) {
    const found = token.exec(source)?.groups;
    const parent = path.at(-1);
    if (!found || !parent) throw new XmlError("The document is not well-formed");
    if (found["opened"] !== undefined) {
      const element = opened(found["opened"], found["attributes"] ?? "", parent.namespaces);
      if (found["empty"] === "/") parent.children.push(closed(element));
      else path.push(element);
    } else if (found["closed"] !== undefined) {
      const above = path.at(-2);
      if (parent.tag !== found["closed"] || !above) throw new XmlError(`Unexpected </${found["closed"]}>`);
      path.pop();
      above.children.push(closed(parent));
    } else {
      parent.text += found["cdata"] ?? unescaped(found["text"] ?? "");
    }
  }
  const [document] = root.children;
  if (path.length !== 1 || root.children.length !== 1 || !document || root.text.trim() !== "") {
    throw new XmlError("The document is not well-formed");
  }
  return document;
}

export function childOf(element: XmlElement | undefined, ns: string, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.ns === ns && child.name === name);
}

export function childrenOf(element: XmlElement | undefined, ns: string, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.ns === ns && child.name === name) ?? [];
}

function opened(tag: string, attributes: string, outer: ReadonlyMap<string, string>): Open {
  const namespaces = new Map(outer);
  const own: Record<string, string> = {};
  for (const [, name = "", quoted, apostrophed] of attributes.matchAll(attribute)) {
    const value = unescaped(quoted ?? apostrophed ?? "");
    if (name === "xmlns") namespaces.set("", value);
    else if (name.startsWith("xmlns:")) namespaces.set(name.slice(6), value);
    else own[name.split(":").at(-1) ?? name] = value;
  }
  const [prefix, name] = tag.includes(":") ? tag.split(":", 2) : ["", tag];
  const ns = namespaces.get(prefix ?? "");
  if (ns === undefined || !name) throw new XmlError(`The prefix of <${tag}> is not declared`);
  return open(tag, ns, name, own, namespaces);
}

function open(
  tag: string,
  ns: string,
  name: string,
  attributes: Record<string, string>,
  namespaces: ReadonlyMap<string, string>,
): Open {
  return { tag, ns, name, attributes, namespaces, children: [], text: "" };
}

function closed({ ns, name, attributes, children, text }: Open): XmlElement {
  return { ns, name, attributes, children, text: text.trim() };
}

function unescaped(text: string): string {
  return text.replace(/&(#x[\da-f]+|#\d+|\w+);?|&/gi, (whole, entity: string | undefined) => {
    if (entity === undefined || !whole.endsWith(";")) throw new XmlError("An ampersand stands alone");
    if (/^#x/i.test(entity)) return String.fromCodePoint(Number.parseInt(entity.slice(2), 16));
    if (entity.startsWith("#")) return String.fromCodePoint(Number(entity.slice(1)));
    const character = entities[entity];
    if (character === undefined) throw new XmlError(`The entity ${entity} is not declared`);
    return character;
  });
}
