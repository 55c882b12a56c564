import { STATUS_CODES } from "node:http";
import type { TwinReply, TwinRequest } from "../twin.ts";
import { readXml, type XmlElement, XmlError } from "../xml-reader.ts";
import { deleteCalendar, makeCalendar, patchProperties } from "./collections.ts";
import { DavError, type Refused, refusedByTheBook } from "./dav-error.ts";
import type { Dialect } from "./dialect.ts";
import { propstat } from "./multistatus.ts";
import { dav } from "./namespaces.ts";
import { deleteObject, getObject, putObject } from "./objects.ts";
import { Properties } from "./properties.ts";
import { answerPropfind } from "./propfind.ts";
import { answerReport, type ReportTools } from "./reports.ts";
import { Resources } from "./resources.ts";
import type { StoredHome } from "./state.ts";
import type { CalDavStore } from "./store.ts";
import { hrefNode, node, writeXml, type XmlNode } from "./xml-writer.ts";

const allowed = "OPTIONS, GET, HEAD, PUT, DELETE, PROPFIND, PROPPATCH, REPORT, MKCALENDAR, MKCOL";

/** CalDAV for one signed-in account, in a vendor's manner (RFC 4791, 4918, 6578, 6638). */
export class CalDavServer {
  constructor(
    private readonly store: CalDavStore,
    readonly dialect: Dialect,
    /** Where the twin is mounted: `/icloud`. */
    private readonly mount: () => string,
  ) {}

  handle(request: TwinRequest, home: StoredHome): TwinReply {
    try {
      return this.answer(request, this.toolsFor(home));
    } catch (error) {
      if (error instanceof XmlError) return this.refuse(new DavError("bad-request"));
      if (error instanceof DavError) return this.refuse(error);
      throw error;
    }
  }

  /** As the vendor words it. */
  refuse({ violation, href }: DavError): TwinReply {
    return this.refused(this.dialect.refused[violation] ?? refusedByTheBook[violation], href);
  }

  refused(refused: Refused, href: string | null = null, headers: Readonly<Record<string, string>> = {}): TwinReply {
    const { condition } = refused;
    const named = condition ? [node(...condition, ...(href === null ? [] : [hrefNode(href)]))] : [];
    const parts = [...this.dialect.describe(refused), ...named];
    if (parts.length === 0) {
      const body = `${refused.status} ${STATUS_CODES[refused.status] ?? ""}\n`;
      return { status: refused.status, headers: { "content-type": "text/plain", ...headers }, body };
    }
    return { ...this.xml(refused.status, node(dav, "error", ...parts), headers) };
  }

  /** To somebody without credentials, where that is no error (RFC 5397 §3). */
  unauthenticated(path: string): TwinReply {
    const found = propstat([node(dav, "current-user-principal", node(dav, "unauthenticated"))], 200);
    return this.multistatus([node(dav, "response", hrefNode(`${this.mount()}${path}`), found)]);
  }

  private answer(request: TwinRequest, tools: ReportTools): TwinReply {
    const { method, path, headers, body } = request;
    if (method === "OPTIONS") return { status: 200, headers: { dav: this.dialect.classes, allow: allowed } };
    const resource = tools.resources.at(path);
    switch (method) {
      case "PROPFIND":
        return this.multistatus(answerPropfind(tools, resource, readOptional(body), headers["depth"]));
      case "REPORT":
        return this.multistatus(answerReport(tools, resource, readXml(body), headers["depth"]));
      case "PROPPATCH":
        return this.multistatus([patchProperties(tools, resource, readXml(body))]);
      case "MKCALENDAR":
      case "MKCOL":
        return makeCalendar(tools, resource, readOptional(body));
      case "GET":
      case "HEAD":
        if (resource.kind === "object") return getObject(tools, resource, request);
        throw new DavError(resource.kind === "vacant" ? "not-found" : "not-allowed");
      case "PUT":
        if (resource.kind === "object") return putObject(tools, resource, request);
        throw new DavError("not-allowed");
      case "DELETE":
        if (resource.kind === "object") return deleteObject(tools, resource, request);
        return deleteCalendar(tools, resource, request);
      default:
        throw new DavError("not-allowed");
    }
  }

  private toolsFor(home: StoredHome): ReportTools {
    const { dialect, store } = this;
    const resources = new Resources(dialect, home, this.mount());
    return { dialect, store, resources, properties: new Properties(dialect, store, resources) };
  }

  private multistatus(parts: readonly XmlNode[]): TwinReply {
    return this.xml(207, node(dav, "multistatus", ...parts));
  }

  private xml(status: number, root: XmlNode, headers: Readonly<Record<string, string>> = {}): TwinReply {
    const type = { "content-type": "application/xml; charset=utf-8", dav: this.dialect.classes };
    return { status, headers: { ...type, ...headers }, body: writeXml(root, this.dialect.xml) };
  }
}

/** Whether a request asks what changed since an earlier answer. */
export function continuesSync({ method, body }: TwinRequest): boolean {
  if (method !== "REPORT") return false;
  try {
    const report = readXml(body);
    const token = report.children.find(({ ns, name }) => ns === dav && name === "sync-token");
    return report.name === "sync-collection" && token !== undefined && token.text !== "";
  } catch {
    return false;
  }
}

function readOptional(body: string): XmlElement | null {
  return body.trim() === "" ? null : readXml(body);
}
