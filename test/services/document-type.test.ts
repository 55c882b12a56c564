import { describe, expect, it } from "vitest";
import { pdfOf } from "../../sandbox/job-boards/resume.ts";
import { documentTypeOf, maxFileBytes, safeFileName } from "../../src/services/document-type.ts";

const cfb = Buffer.concat([Buffer.from("d0cf11e0a1b11ae1", "hex"), Buffer.alloc(600)]);
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAABJRU5ErkJggg==",
  "base64",
);

describe("what a file is", () => {
  it.each([
    ["a PDF", pdfOf(["Zoë"]), "application/pdf", "pdf"],
    ["an old Word document", cfb, "application/msword", "doc"],
    ["rich text", Buffer.from("{\\rtf1 Zoë}"), "application/rtf", "rtf"],
    ["plain text", Buffer.from("Zoë Müller\nWelder"), "text/plain", "txt"],
    ["a picture", png, "image/png", "png"],
  ])("is found out from its bytes: %s", async (_name, content, contentType, extension) => {
    expect(await documentTypeOf(content)).toEqual({ contentType, extension });
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["too much", Buffer.concat([pdfOf(["Zoë"]), Buffer.alloc(maxFileBytes)])],
    ["a program", Buffer.concat([Buffer.from("MZ"), Buffer.alloc(100)])],
    ["an archive", Buffer.from("1f8b0800000000000003", "hex")],
    ["a page that runs", Buffer.from("<!DOCTYPE html><script>alert(1)</script>")],
    ["a drawing that runs", Buffer.from("<svg onload='alert(1)'></svg>")],
    ["bytes without a meaning", Buffer.from([0xff, 0xfe, 0x00, 0x81])],
  ])("is refused where it is no document: %s", async (_name, content) => {
    await expect(documentTypeOf(content)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });

  it("takes exactly ten MiB", async () => {
    const pdf = pdfOf(["Zoë"]);
    const largest = Buffer.concat([pdf, Buffer.alloc(maxFileBytes - pdf.length)]);
    expect(await documentTypeOf(largest)).toMatchObject({ extension: "pdf" });
  });
});

describe("a safe name", () => {
  it.each([
    ["cv.pdf", "cv.pdf"],
    ["../../etc/passwd", "passwd.pdf"],
    ["C:\\Users\\zoe\\cv.docx", "cv.pdf"],
    ["Zoë Müller.exe", "Zoë Müller.pdf"],
    ["evil\u202Efdp.exe", "evilfdp.pdf"],
    ["..hidden", "hidden.pdf"],
    ['a"b<c>:d|e?f*.pdf', "abcdef.pdf"],
    ["", "resume.pdf"],
    [null, "resume.pdf"],
    [`${"x".repeat(300)}.pdf`, `${"x".repeat(100)}.pdf`],
  ])("is made of %j", (given, name) => {
    expect(safeFileName(given, "resume", "pdf")).toBe(name);
  });
});
