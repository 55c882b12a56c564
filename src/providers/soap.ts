import { XMLBuilder, XMLParser } from "fast-xml-parser";
import { IntegrationError } from "../errors.ts";
import type { AccountFetch } from "./account-fetch.ts";

/** XML as an object: elements by name, attributes with `@` in front; null is left out, a list repeats its element. */
export interface XmlElements {
  readonly [name: string]: string | XmlElements | readonly (string | XmlElements)[] | null;
}

const namespaces = { "@xmlns:soap": "http://schemas.xmlsoap.org/soap/envelope/" };

const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  suppressEmptyNode: false,
  suppressBooleanAttributes: false,
});
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
});

/** One call of SOAP 1.1, https://www.w3.org/TR/2000/NOTE-SOAP-20000508/ */
export interface SoapCall {
  readonly url: string | URL;
  /** Of the header `SOAPAction`. */
  readonly action: string;
  readonly header?: XmlElements;
  readonly body: XmlElements;
}

/** A document without its declaration. */
export function writeXml(elements: XmlElements): string {
  return builder.build(withoutNulls(elements));
}

/** As text between tags. */
export function escapeXml(text: string): string {
  return text.replace(impossible, "").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Undefined for what is no XML, or has a document type: entities of its own are not read. */
export function readXml(text: string): unknown {
  if (/<!DOCTYPE/i.test(text)) return undefined;
  try {
    return parser.parse(text, true);
  } catch {
    return undefined;
  }
}

/**
 * @param vendor for people
 * @returns what the body of the answer holds, by local names
 * @throws {IntegrationError} as `fetch`; PROVIDER_REFUSED for a fault that is the message's own, PROVIDER_REPLY_INVALID
 */
export async function callSoap(
  fetch: AccountFetch,
  vendor: string,
  { url, action, header, body }: SoapCall,
): Promise<unknown> {
  const envelope = {
    "soap:Envelope": { ...namespaces, ...(header && { "soap:Header": header }), "soap:Body": body },
  };
  const reply = await fetch(url, {
    method: "POST",
    headers: { "content-type": "text/xml; charset=utf-8", accept: "text/xml", soapaction: `"${action}"` },
    body: `<?xml version="1.0" encoding="utf-8"?>${writeXml(envelope)}`,
  });
  const content = bodyOf(readXml(await reply.text()));
  const fault = faultIn(content);
  if (fault) throw refusal(vendor, fault.text, fault.code);
  if (!reply.ok || content === undefined) {
    throw new IntegrationError("PROVIDER_REPLY_INVALID", `${vendor} answered something that is no SOAP message`);
  }
  return content;
}

/** The status that a fault stands for: 401 for a login, 400 for what is wrong about the message. As `ProviderBase.statusIn`. */
export function statusOfFault(body: unknown): number | undefined {
  const fault = typeof body === "string" ? faultIn(bodyOf(readXml(body))) : undefined;
  if (fault === undefined) return undefined;
  if (aboutLogins.test(fault.code) || (fault.isClients && aboutLogins.test(fault.text))) return 401;
  return fault.isClients ? 400 : undefined;
}

/** Codes of WS-Security 1.0 section 12, and words. */
const aboutLogins =
  /FailedAuthentication|InvalidSecurity|FailedCheck|Client\.Authentication|password|user ?name|login|credential|not authori[sz]ed/i;

function bodyOf(document: unknown): unknown {
  return childOf(childOf(document, "Envelope"), "Body");
}

function faultIn(
  body: unknown,
): { readonly code: string; readonly text: string; readonly isClients: boolean } | undefined {
  const fault = childOf(body, "Fault");
  if (fault === undefined) return undefined;
  const code = textOf(childOf(fault, "faultcode"));
  const local = code.split(":").at(-1) ?? "";
  return { code: local, text: textOf(childOf(fault, "faultstring")), isClients: !/^Server\b/.test(local) };
}

export function refusal(vendor: string, words: string, providerCode?: string): IntegrationError {
  return new IntegrationError(
    "PROVIDER_REFUSED",
    `${vendor} does not take it: ${words.slice(0, 300) || "it does not say why"}`,
    {
      remedy: "Change what it names, and try again.",
      providerCode,
    },
  );
}

/** The child of this name; of several the first. */
export function childOf(element: unknown, name: string): unknown {
  return childrenOf(element, name)[0];
}

export function childrenOf(element: unknown, name: string): readonly unknown[] {
  if (typeof element !== "object" || element === null || !Object.hasOwn(element, name)) return [];
  const found: unknown = (element as Record<string, unknown>)[name];
  return Array.isArray(found) ? found : [found];
}

/** The text in an element, with or without attributes; empty for none. */
export function textOf(element: unknown): string {
  const text = typeof element === "object" ? childOf(element, "#text") : element;
  return typeof text === "string" ? text.trim() : "";
}

/** XML 1.0 section 2.2 has no place for these, escaped or not. */
const impossible = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

function withoutNulls(elements: XmlElements): object {
  const kept = Object.entries(elements).filter(([, value]) => value !== null);
  return Object.fromEntries(kept.map(([name, value]) => [name, writable(value)]));
}

function writable(value: XmlElements[string]): unknown {
  if (typeof value === "string") return value.replace(impossible, "");
  if (Array.isArray(value)) return value.map((one: string | XmlElements) => writable(one));
  return value === null ? null : withoutNulls(value as XmlElements);
}
