import type { TwinReply } from "../twin.ts";
import { notEntitled, notFound } from "./errors.ts";
import type { LinkedInState, StoredApp } from "./state.ts";

const dayMs = 86_400_000;

/** A file of an application, for whoever the application was for. @throws {LinkedInError} 403, 404 */
export function downloadMedia(
  { media }: LinkedInState,
  id: string,
  { app, now, mediaDays }: { readonly app: StoredApp; readonly now: Date; readonly mediaDays: number },
): TwinReply {
  const file = media.get(id);
  if (!file || now.getTime() - file.uploadedAt >= mediaDays * dayMs) throw notFound(`media ${id}`);
  if (file.clientId !== app.clientId) throw notEntitled(`media ${id}`);
  const name = encodeURIComponent(file.fileName);
  return {
    status: 200,
    headers: { "content-type": file.contentType, "content-disposition": `attachment; filename*=UTF-8''${name}` },
    body: file.bytes,
  };
}
