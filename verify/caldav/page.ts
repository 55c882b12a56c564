import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Features } from "./features.ts";

/** What was measured at one server. */
export interface Measured {
  readonly name: string;
  readonly version: string;
  readonly features: Features;
}

const page = join(import.meta.dirname, "../../../docs/providers/caldav.md");
const begin = "<!-- written by `npm run verify -- caldav --write-table` -->";
const end = "<!-- end of what was written -->";

/** In what the page's table differs from what was measured; servers that were not asked are left as they are. */
export async function differencesFromPage(measured: readonly Measured[]): Promise<readonly string[]> {
  const columns = await columnsOnPage();
  return measured.flatMap((server) => {
    const heading = headingOf(server);
    const written = columns.get(server.name);
    if (!written) return [`it has no ${heading}`];
    if (written.heading !== heading) return [`it has ${written.heading} where ${heading} was measured`];
    return [...server.features]
      .filter(([feature, words]) => written.features.get(feature) !== words)
      .map(
        ([feature, words]) => `${feature} at ${heading} is “${words}”, not “${written.features.get(feature) ?? ""}”`,
      );
  });
}

/** Puts what was measured into the page's table. */
export async function writeToPage(measured: readonly Measured[]): Promise<void> {
  const columns = new Map(await columnsOnPage());
  for (const { name, version, features } of measured)
    columns.set(name, { heading: headingOf({ name, version }), features });
  const servers = [...columns.values()];
  const rows = [...(measured[0]?.features.keys() ?? [])].map((feature) => [
    feature,
    ...servers.map(({ features }) => features.get(feature) ?? "?"),
  ]);
  const lines = [
    ["Feature", ...servers.map(({ heading }) => heading)],
    ["Feature", ...servers].map(() => "---"),
    ...rows,
  ];
  const table = lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  const { before, after } = await partsOfPage();
  await writeFile(page, `${before}${begin}\n${table}\n${end}${after}`);
}

/** A server's column, with its name and version above it. */
interface Column {
  readonly heading: string;
  readonly features: Features;
}

/** By the server's name. */
async function columnsOnPage(): Promise<ReadonlyMap<string, Column>> {
  const { table } = await partsOfPage();
  const [headings = [], , ...rows] = table.split("\n").map(cellsOf);
  return new Map(
    headings.slice(1).map((heading, index) => {
      const features = new Map(rows.map(([feature = "", ...cells]) => [feature, cells[index] ?? ""]));
      return [heading.split(" ")[0] ?? "", { heading, features }];
    }),
  );
}

function cellsOf(line: string): readonly string[] {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}

async function partsOfPage(): Promise<Readonly<Record<"before" | "table" | "after", string>>> {
  const text = await readFile(page, "utf8");
  const [before, rest] = text.split(begin);
  const [table, after] = rest?.split(end) ?? [];
  if (before === undefined || table === undefined || after === undefined)
    throw new Error(`${page} has no place for it`);
  return { before, table: table.trim(), after };
}

function headingOf({ name, version }: Pick<Measured, "name" | "version">): string {
  return `${name} ${version}`;
}
