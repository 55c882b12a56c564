import { STATUS_CODES } from "node:http";
import { dav } from "./namespaces.ts";
import type { Properties, PropertyName } from "./properties.ts";
import type { Resource } from "./resources.ts";
import { hrefNode, node, type XmlNode } from "./xml-writer.ts";

/** A resource with the properties that were asked for, and a second group for those it lacks (RFC 4918 §9.1.2). */
export function foundResponse(
  href: string,
  resource: Resource,
  wanted: readonly PropertyName[],
  properties: Properties,
): XmlNode {
  const found: XmlNode[] = [];
  const missing: XmlNode[] = [];
  for (const property of wanted) {
    const value = properties.of(resource, property);
    if (value) found.push(value);
    else missing.push(node(property.ns, property.name));
  }
  const groups = [
    ...(found.length > 0 || missing.length === 0 ? [propstat(found, 200)] : []),
    ...(missing.length > 0 ? [propstat(missing, 404)] : []),
  ];
  return node(dav, "response", hrefNode(href), ...groups);
}

export function statusResponse(href: string, status: number, ...further: readonly XmlNode[]): XmlNode {
  return node(dav, "response", hrefNode(href), statusNode(status), ...further);
}

export function propstat(properties: readonly XmlNode[], status: number): XmlNode {
  return node(dav, "propstat", node(dav, "prop", ...properties), statusNode(status));
}

function statusNode(status: number): XmlNode {
  return node(dav, "status", `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`.trimEnd());
}
