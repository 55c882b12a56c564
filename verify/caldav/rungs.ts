import type { Fault } from "../../sandbox/real-servers/fault-proxy.ts";
import { mustHold } from "../drill/drill.ts";
import type { Chapter } from "./chapter.ts";
import { hour, ics, vevent } from "./texts.ts";

/** What a server is made to have no more of, so that the reading has to do with less. */
type Property = "sync-token" | "getctag" | "getetag";

interface Way {
  readonly name: string;
  readonly lacks: readonly Property[];
  /** Part of the request that tells it. */
  readonly report: string;
}

/** The ways of reading a calendar, and what a server lacks that is read in this way. */
const ways: readonly Way[] = [
  { name: "by sync-collection", lacks: [], report: "sync-collection " },
  { name: "by sync-collection, without ETags", lacks: ["getetag"], report: "sync-collection " },
  { name: "by ctag and ETags", lacks: ["sync-token"], report: "calendar-query " },
  { name: "by ctag and hashes", lacks: ["sync-token", "getetag"], report: "calendar-query " },
  { name: "by window and ETags", lacks: ["sync-token", "getctag"], report: "time-range " },
  { name: "by window and hashes", lacks: ["sync-token", "getctag", "getetag"], report: "time-range " },
];

/** A small drill goes the ways without ETags alone: it goes the others when requests fail. */
export function rungs(isSmall: boolean): readonly Chapter[] {
  return ways.filter(({ lacks }) => !isSmall || lacks.includes("getetag")).map(readIn);
}

const readIn = ({ name, lacks, report }: Way): Chapter => ({
  name: `read ${name}`,
  throughout: without(lacks),
  async tell(stage) {
    const { proxy } = stage.site;
    for (const title of ["Kept", "Gone", "Changed", "Ours"]) {
      await stage.put(`${title}.ics`, ics(vevent(title, `SUMMARY:${title}`, ...hour(1))));
    }
    await stage.read();
    await stage.put("New.ics", ics(vevent("New", "SUMMARY:New", ...hour(2))));
    await stage.edit("Changed.ics", "SUMMARY:Changed", "SUMMARY:Changed by them");
    await stage.remove("Gone.ics");
    await stage.ours.update(await stage.idOf("Ours"), { title: "Changed by us" });
    proxy.forget();
    await stage.read();
    const isRead = proxy.requests.some(({ body }) => body.includes(report));
    mustHold(isRead, `${stage.site.server.name} is not read ${name}`);
  },
});

/** Takes properties out of every answer, whatever their prefix, and the header that says the same. */
export function without(properties: readonly Property[]): Fault {
  const names = properties.includes("sync-token") ? [...properties, "sync-collection"] : properties;
  const elements = names.map((name) => new RegExp(`(</?(?:[\\w.-]+:)?)${name}\\b`, "g"));
  return async (_, forward) => {
    const { headers, body, ...reply } = await forward();
    const { etag, ...others } = headers;
    const keepsEtag = etag !== undefined && !properties.includes("getetag");
    return {
      ...reply,
      headers: { ...others, ...(keepsEtag && { etag }) },
      body: elements.reduce((text, element) => text.replace(element, "$1hidden"), body),
    };
  };
}
