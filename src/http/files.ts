import type { FastifyInstance } from "fastify";
import { isIntegrationError } from "../errors.ts";
import type { FileDownloads } from "../services/file-downloads.ts";

/** `/files/{token}`: a file as an attachment, which no browser opens as a page of ours. */
export function serveFiles(server: FastifyInstance, downloads: Pick<FileDownloads, "open">): void {
  server.get<{ Params: { token: string } }>("/files/:token", async ({ params }, reply) => {
    try {
      const { fileName, contentType, content } = await downloads.open(params.token);
      return await reply
        .code(200)
        .headers({
          "content-type": contentType,
          "content-disposition": `attachment; filename="${asciiOnly(fileName)}"; filename*=UTF-8''${encodeURIComponent(fileName)}`,
          "cache-control": "private, no-store",
          "content-security-policy": "default-src 'none'; sandbox",
          "x-content-type-options": "nosniff",
          "referrer-policy": "no-referrer",
        })
        .send(content);
    } catch (error) {
      if (!isIntegrationError(error, "NOT_FOUND")) throw error;
      return reply.code(404).type("text/plain; charset=utf-8").send("This link is over. Ask for the file again.\n");
    }
  });
}

/** For programs that do not know RFC 8187. */
function asciiOnly(name: string): string {
  return name.replace(/[^\x20-\x7e]|["\\]/g, "_");
}
