import type { TwinReply } from "../twin.ts";
import { childOf, readXml, type XmlElement, XmlError } from "../xml-reader.ts";

export const soap11 = "http://schemas.xmlsoap.org/soap/envelope/";

/** What a SOAP 1.1 message carries: https://www.w3.org/TR/2000/NOTE-SOAP-20000508/ */
export interface SoapMessage {
  readonly header: XmlElement | undefined;
  /** The first element of the body. */
  readonly content: XmlElement;
}

/** @throws {XmlError} for what is no SOAP message */
export function readEnvelope(text: string): SoapMessage {
  const envelope = readXml(text);
  if (envelope.ns !== soap11 || envelope.name !== "Envelope") throw new XmlError("This is no SOAP 1.1 envelope");
  const [content] = childOf(envelope, soap11, "Body")?.children ?? [];
  if (!content) throw new XmlError("The body is empty");
  return { header: childOf(envelope, soap11, "Header"), content };
}

/** @param content XML */
export function envelope(content: string, status = 200): TwinReply {
  return {
    status,
    headers: { "content-type": "text/xml; charset=utf-8" },
    body: `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="${soap11}"><soap:Body>${content}</soap:Body></soap:Envelope>`,
  };
}

/** A failure of the whole call. @param side whose fault it is: `Client`, `Server` */
export function fault(side: string, text: string): TwinReply {
  return envelope(
    `<soap:Fault><faultcode>soap:${side}</faultcode><faultstring>${escapeXml(text)}</faultstring></soap:Fault>`,
    500,
  );
}

export function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\r", "&#13;");
}

/** The text of the child of this name, whatever its namespace; empty when there is none. */
export function textIn(element: XmlElement | undefined, name: string): string {
  return element?.children.find((child) => child.name === name)?.text ?? "";
}
