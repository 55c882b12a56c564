import { childOf, childrenOf, readXml, type XmlElement } from "../xml-reader.ts";
import { dav } from "./namespaces.ts";

/** A row of a multistatus. */
export interface DavRow {
  readonly href: string;
  /** Of the row as a whole; null where each property has its own. */
  readonly status: number | null;
  /** Those with 200, by their name without a prefix. */
  readonly found: Readonly<Record<string, XmlElement>>;
  /** The names of the others. */
  readonly missing: readonly string[];
}

export interface DavReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly rows: readonly DavRow[];
  readonly syncToken: string | null;
  /** The name of the precondition. */
  readonly condition: string | null;
}

export type DavSend = (
  method: string,
  path: string,
  body?: string,
  headers?: Readonly<Record<string, string>>,
) => Promise<DavReply>;

const xmlType = { "content-type": "application/xml; charset=utf-8" };
const namespaces = 'xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:cs="http://calendarserver.org/ns/"';

export type DavClient = ReturnType<typeof davClient>;

/** One account's requests, with plain `fetch`; redirects are shown, not followed. */
export function davClient(serverUrl: string, authorization: string | null) {
  const send: DavSend = async (method, path, body, headers = {}) => {
    const reply = await fetch(new URL(path, serverUrl), {
      method,
      redirect: "manual",
      headers: { ...(authorization !== null && { authorization }), ...headers },
      ...(body !== undefined && { body }),
    });
    const text = await reply.text();
    const xml = reply.headers.get("content-type")?.includes("xml") ? readXml(text) : undefined;
    return {
      status: reply.status,
      headers: reply.headers,
      text,
      rows: childrenOf(xml, dav, "response").map(rowOf),
      syncToken: childOf(xml, dav, "sync-token")?.text ?? null,
      condition: xml?.name === "error" ? (xml.children.findLast(isCondition)?.name ?? null) : null,
    };
  };
  const report = (path: string, body: string, headers: Readonly<Record<string, string>> = { depth: "1" }) =>
    send("REPORT", path, body, { ...xmlType, ...headers });

  return {
    send,
    report,
    /** @param names as `getetag`, `c:calendar-data`, `cs:getctag` */
    propfind: (path: string, names: readonly string[], depth = "0") =>
      send("PROPFIND", path, `<propfind ${namespaces}><prop>${elements(names)}</prop></propfind>`, {
        depth,
        ...xmlType,
      }),
    put: (path: string, data: string, headers: Readonly<Record<string, string>> = {}) =>
      send("PUT", path, data, { "content-type": "text/calendar; charset=utf-8", ...headers }),
    sync: (path: string, token: string | null, { limit = null as number | null } = {}) =>
      report(
        path,
        `<sync-collection ${namespaces}><sync-token>${token ?? ""}</sync-token><sync-level>1</sync-level>${
          limit === null ? "" : `<limit><nresults>${limit}</nresults></limit>`
        }<prop><getetag/></prop></sync-collection>`,
        { depth: "0" },
      ),
    multiget: (path: string, hrefs: readonly string[]) =>
      report(
        path,
        `<c:calendar-multiget ${namespaces}><prop><getetag/><c:calendar-data/></prop>${hrefs
          .map((href) => `<href>${href}</href>`)
          .join("")}</c:calendar-multiget>`,
      ),
    /** @param filter what is inside VCALENDAR */
    query: (path: string, filter: string, headers?: Readonly<Record<string, string>>) =>
      report(
        path,
        `<c:calendar-query ${namespaces}><prop><getetag/><c:calendar-data/></prop><c:filter><c:comp-filter name="VCALENDAR">${filter}</c:comp-filter></c:filter></c:calendar-query>`,
        headers,
      ),
  };
}

export const basic = (username: string, password: string) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;

/** The filter for events in a range. */
export const eventsBetween = (start: string, end: string, further = "") =>
  `<c:comp-filter name="VEVENT"><c:time-range start="${start}" end="${end}"/>${further}</c:comp-filter>`;

export const withUid = (uid: string) =>
  `<c:prop-filter name="UID"><c:text-match collation="i;octet">${uid}</c:text-match></c:prop-filter>`;

export const names = (element: XmlElement | undefined) => element?.children.map(({ name }) => name) ?? [];

/** The last segments of each row's address. */
export const files = ({ rows }: DavReply) => rows.map(({ href }) => decodeURIComponent(href.split("/").at(-1) ?? ""));

function elements(list: readonly string[]): string {
  return list.map((name) => `<${name}/>`).join("");
}

function rowOf(response: XmlElement): DavRow {
  const groups = childrenOf(response, dav, "propstat").map((group) => ({
    status: statusOf(group),
    properties: childOf(group, dav, "prop")?.children ?? [],
  }));
  const isFound = ({ status }: { status: number | null }) => status === 200;
  const found = groups.filter(isFound).flatMap(({ properties }) => properties);
  return {
    href: childOf(response, dav, "href")?.text ?? "",
    status: statusOf(response),
    found: Object.fromEntries(found.map((property) => [property.name, property])),
    missing: groups.filter((group) => !isFound(group)).flatMap(({ properties }) => properties.map(({ name }) => name)),
  };
}

/** What an error says besides is for people. */
function isCondition({ name }: XmlElement): boolean {
  return name !== "responsedescription";
}

function statusOf(element: XmlElement): number | null {
  const status = childOf(element, dav, "status");
  return status ? Number(status.text.split(" ")[1]) : null;
}
