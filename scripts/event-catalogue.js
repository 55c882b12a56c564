/** Above it a page is written by people; from here on it is made from the code. */
export const catalogueHeading = "## Catalogue\n";

/**
 * The catalogue of events as a page shows it.
 *
 * @param {readonly { type: string, description: string, subjectType: string | null, dataVersion: number, dataSchema: unknown }[]} types
 */
export function eventCatalogue(types) {
  const nouns = [...new Set(types.map(({ type }) => type.split(".")[0] ?? ""))];
  const parts = nouns.map((noun) => {
    const rows = types
      .filter(({ type }) => type.startsWith(`${noun}.`))
      .map(({ type, description, dataVersion, dataSchema }) =>
        [`\`${type}\``, description, `${fieldsOf(dataSchema)} (version ${dataVersion})`].join(" | "),
      );
    return `### ${noun}\n\n| Type | Says | \`data\` |\n|---|---|---|\n${rows.map((row) => `| ${row} |`).join("\n")}\n`;
  });
  return `${catalogueHeading}\nMade from the code by \`npm run schema\`; the query \`eventTypes\` tells the same, with the JSON Schema of each \`data\`.\n\n${parts.join("\n")}`;
}

/** @param {unknown} schema JSON Schema of an object */
function fieldsOf(schema) {
  const { properties = {} } = /** @type {{ properties?: Record<string, unknown> }} */ (schema);
  return Object.entries(properties)
    .map(([name, shape]) => (isNullable(shape) ? `\`${name}\`?` : `\`${name}\``))
    .join(", ");
}

/** @param {unknown} shape */
function isNullable(shape) {
  const { type, anyOf = [] } = /** @type {{ type?: string | string[], anyOf?: { type?: string }[] }} */ (shape);
  return [type].flat().includes("null") || anyOf.some((one) => one.type === "null");
}
