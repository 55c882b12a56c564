import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { developmentPrefix } from "./config.ts";

const Keys = z.object({ authSecret: z.string(), encryptionKeys: z.string() });

export type DevelopmentKeys = z.infer<typeof Keys>;

/** Keys for one machine's development, made once and kept. Production refuses them by their prefix. */
export async function developmentKeys(dataDirectory: string): Promise<DevelopmentKeys> {
  const path = join(dataDirectory, "keys.json");
  const kept = await readFile(path, "utf8").catch(() => null);
  if (kept !== null) return Keys.parse(JSON.parse(kept));
  const keys = {
    authSecret: `${developmentPrefix}${randomBytes(32).toString("base64url")}`,
    encryptionKeys: `${developmentPrefix}1:${randomBytes(32).toString("base64")}`,
  };
  await mkdir(dataDirectory, { recursive: true });
  await writeFile(path, JSON.stringify(keys, null, 2), { mode: 0o600 });
  return keys;
}
