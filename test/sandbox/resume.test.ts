import { describe, expect, it } from "vitest";
import { pdfOf } from "../../sandbox/job-boards/resume.ts";

describe("a résumé that is made up", () => {
  it("shows names as they are spelled in Latin-1, and a question mark for anything else", () => {
    const file = pdfOf(["Zoë Müller (née Łysak)"]).toString("latin1");
    expect(file).toContain("(Zoë Müller \\(née ?ysak\\)) Tj");
    expect(file).toContain("/Encoding /WinAnsiEncoding");
  });

  it("says rightly how long its text is, and where its objects are", () => {
    const file = pdfOf(["Zoë"], 2000).toString("latin1");
    const [, length, stream] = /\/Length (\d+) >>\nstream\n([\s\S]*?)\nendstream/.exec(file) ?? [];
    expect(Number(length)).toBe(stream?.length);
    const table = Number(/startxref\n(\d+)\n/.exec(file)?.[1]);
    expect(file.slice(table, table + 5)).toBe("xref\n");
    const offsets = [...file.slice(table).matchAll(/^(\d{10}) 00000 n $/gm)].map(([, offset]) => Number(offset));
    expect(offsets.map((offset) => file.slice(offset, offset + 7))).toEqual(
      [1, 2, 3, 4, 5].map((number) => `${number} 0 obj`),
    );
    expect(file.length).toBeGreaterThanOrEqual(2000);
  });
});
