/** A line of an iCalendar object: `EXDATE;TZID=Europe/Berlin:20261201T100000` (RFC 5545 §3.1). */
export interface ContentLine {
  /** Upper case. */
  readonly name: string;
  /** By upper-case name, without quotes. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly value: string;
}

/** @param text unfolded. Undefined for what is no content line */
export function parseContentLine(text: string): ContentLine | undefined {
  const [, name, parameters = "", value] = /^([\w-]+)((?:;[\w-]+=(?:"[^"]*"|[^";:])*)*):(.*)$/.exec(text.trim()) ?? [];
  if (name === undefined || value === undefined) return undefined;
  return { name: name.toUpperCase(), parameters: new Map(parametersOf(parameters)), value };
}

function parametersOf(text: string): [string, string][] {
  return [...text.matchAll(/;([\w-]+)=((?:"[^"]*"|[^";])*)/g)].map(([, name = "", value = ""]) => [
    name.toUpperCase(),
    value.replaceAll('"', ""),
  ]);
}
