/** A file that a candidate sends. */
export interface ResumeFile {
  readonly fileName: string;
  readonly contentType: string;
  /** Base64. */
  readonly data: string;
}

/**
 * One page with these lines (ISO 32000-1 §7.5). What Latin-1 does not have is shown as a question mark.
 *
 * @param bytes how large the file is at least, with a comment that nobody sees
 */
export function pdfOf(lines: readonly string[], bytes = 0): Buffer {
  const shown = lines
    .map((line) => `(${line.replace(/[^ -~\u00a0-\u00ff]/g, "?").replace(/[\\()]/g, "\\$&")}) Tj T*`)
    .join("\n");
  const content = `BT /F1 12 Tf 14 TL 72 720 Td\n${shown}\nET`;
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
  ];
  let file = "%PDF-1.4\n";
  const offsets = objects.map((object, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  file += `%${" ".repeat(Math.max(0, bytes - file.length))}\n`;
  const start = file.length;
  const rows = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}`;
  file += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(file, "latin1");
}

/** What a candidate's own words are sent as. */
export function resumeOf(name: string, text: string, bytes?: number): ResumeFile {
  const data = pdfOf([name, ...text.split(/\r?\n/)], bytes).toString("base64");
  return { fileName: `${name || "resume"}.pdf`, contentType: "application/pdf", data };
}
