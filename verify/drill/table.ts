type Cell = string | number;

/** Rows under their headings; numbers stand to the right. */
export function table(headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => show(row[column] ?? "").length)),
  );
  const line = (cells: readonly Cell[], isHeading = false) =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        const isNumber = typeof (isHeading ? rows[0]?.[column] : cell) === "number";
        return isNumber ? show(cell).padStart(width) : show(cell).padEnd(width);
      })
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  return [line(headings, true), rule, ...rows.map((row) => line(row))].join("\n");
}

/** With commas between thousands. */
export function show(cell: Cell): string {
  return typeof cell === "number" ? cell.toLocaleString("en-US") : cell;
}

/** `1 kill`, `2 kills`, `1,000 kills`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${show(number)} ${number === 1 ? one : many}`;
}
