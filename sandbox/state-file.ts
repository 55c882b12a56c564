import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { deserialize, serialize } from "node:v8";
import type { Twin } from "./twin.ts";

/** Changes when what is kept can no longer be read. */
const version = 2;
const everyMs = 2000;

/** Keeps what the twins know in a file, so that whoever starts them again goes on where they were. */
export class StateFile {
  private last: Buffer = Buffer.alloc(0);
  private timer: NodeJS.Timeout | undefined;
  private saving: Promise<void> = Promise.resolve();

  constructor(
    private readonly path: string,
    private readonly twins: readonly Twin[],
  ) {}

  /** @returns whether there was anything to go on from */
  async load(): Promise<boolean> {
    const kept = await readFile(this.path).catch(() => null);
    const read = kept && (deserialize(kept) as { version?: number; twins?: Record<string, unknown> });
    if (read?.version !== version) return false;
    for (const twin of this.twins) if (read.twins?.[twin.name]) twin.state.load(read.twins[twin.name]);
    return true;
  }

  start(): void {
    this.timer = setInterval(() => void this.save(), everyMs);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.save();
  }

  /** Beside the old one first: a process that is killed leaves one of the two, whole. */
  private save(): Promise<void> {
    this.saving = this.saving.then(async () => {
      const twins = Object.fromEntries(this.twins.map((twin) => [twin.name, twin.state.save()]));
      const bytes = serialize({ version, twins });
      if (bytes.equals(this.last)) return;
      await mkdir(dirname(this.path), { recursive: true });
      await writeFile(`${this.path}.new`, bytes, { mode: 0o600 });
      await rename(`${this.path}.new`, this.path);
      this.last = bytes;
    });
    return this.saving;
  }
}
