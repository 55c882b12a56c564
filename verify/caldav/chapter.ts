import type { Fault } from "../../sandbox/real-servers/fault-proxy.ts";
import type { CalDavServer } from "./servers.ts";
import type { Stage } from "./stage.ts";

/** A part of the story that is told at every server, in a calendar of its own. */
export interface Chapter {
  readonly name: string;
  /** Whether a server has what it is about; where absent, all have. */
  readonly appliesTo?: (server: CalDavServer) => boolean;
  /** What the server is like from beginning to end. */
  readonly throughout?: Fault;
  tell(stage: Stage): Promise<void>;
}
